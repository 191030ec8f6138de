//! The portal as a service.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use crate::programs::{Vendor, built, run};
use windows_service::service::{
    Service, ServiceAccess, ServiceErrorControl, ServiceExitCode, ServiceInfo, ServiceStartType,
    ServiceState, ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

fn is_healthy(address: &str) -> bool {
    let answer = || -> std::io::Result<String> {
        let mut connection = TcpStream::connect(address)?;
        write!(connection, "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        Ok(answer)
    };
    answer().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

#[test]
fn two_portals_do_not_share_an_address() {
    let vendor = Vendor::new();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let answer = run(vendor.command().args(["--json", "serve", "--listen", &address]), b"");
    answer.fails(5, "serve.not_listening");
}

/// A service that is removed with this value.
struct Installed(Service);

impl Installed {
    fn new(name: &str, data: &Path, address: &str) -> Self {
        let access = ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE;
        let manager = ServiceManager::local_computer(None::<&str>, access).unwrap();
        let arguments = ["--data".into(), data.into(), "serve".into(), "--listen".into()];
        let info = ServiceInfo {
            name: name.into(),
            display_name: "Latchkey licence portal (test)".into(),
            service_type: ServiceType::OWN_PROCESS,
            start_type: ServiceStartType::OnDemand,
            error_control: ServiceErrorControl::Normal,
            executable_path: built("latchkey-server.exe"),
            launch_arguments: arguments.into_iter().chain([OsString::from(address)]).collect(),
            dependencies: Vec::new(),
            account_name: None,
            account_password: None,
        };
        let access = ServiceAccess::QUERY_STATUS
            | ServiceAccess::START
            | ServiceAccess::STOP
            | ServiceAccess::DELETE;
        Self(manager.create_service(&info, access).unwrap())
    }

    /// Waits for a state, and returns the exit code that the service manager shows.
    fn wait_for(&self, state: ServiceState) -> ServiceExitCode {
        loop {
            let status = self.0.query_status().unwrap();
            if status.current_state == state {
                return status.exit_code;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        let _ = self.0.stop();
        let _ = self.0.delete();
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn the_portal_starts_and_stops_as_a_service() {
    let vendor = Vendor::new();
    let address = free_address();
    let service = Installed::new("latchkey-test-runs", &vendor.data(), &address);
    for _ in 0..2 {
        service.0.start::<&str>(&[]).unwrap();
        service.wait_for(ServiceState::Running);
        assert!(is_healthy(&address));
        service.0.stop().unwrap();
        assert_eq!(service.wait_for(ServiceState::Stopped), ServiceExitCode::NO_ERROR);
        assert!(!is_healthy(&address));
    }
    let log = std::fs::read_to_string(vendor.data().join("service.log")).unwrap();
    assert_eq!(log.matches("\"stopped\"").count(), 2, "{log}");
}

#[test]
fn a_service_that_cannot_start_reports_its_exit_status() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let service = Installed::new("latchkey-test-fails", &nowhere, &free_address());
    // The service manager may already report the failure here.
    let _ = service.0.start::<&str>(&[]);
    let exit = service.wait_for(ServiceState::Stopped);
    assert_eq!(exit, ServiceExitCode::ServiceSpecific(5));
}
