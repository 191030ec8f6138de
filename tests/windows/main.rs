//! The programs for Windows as people and the service manager start them, on Windows or in Wine:
//! the life of a licence in each store, files in other programs' hands, paths and texts as Windows
//! has them, and the ends of a process.
#![cfg(windows)]

mod c_example;
mod licence;
mod programs;
mod resources;
mod server;
mod unloading;
mod wizard;
