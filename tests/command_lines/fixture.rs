//! The fixture of most tests: a vendor with a product and an entitlement, and computers.

use latchkey_e2e_support::{Clock, Computer, Entitlement, Kit, Programs, Vendor};

/// Features that a test product has: one of each type.
pub(crate) const FEATURES: &[&str] = &["export=bool", "render=pool", "saves=count"];

/// Three seats, a week's lease.
pub(crate) const THREE_SEATS: &[&str] = &["--seats", "3", "--offline-lease", "7d"];

/// One seat, a week's lease.
pub(crate) const ONE_SEAT: &[&str] = &["--seats", "1", "--offline-lease", "7d"];

pub(crate) struct Fixture {
    pub(crate) programs: Programs,
    pub(crate) vendor: Vendor,
    pub(crate) product: u64,
    pub(crate) kit: Kit,
    pub(crate) entitlement: Entitlement,
}

impl Fixture {
    /// A vendor with one product and one entitlement.
    #[track_caller]
    pub(crate) fn new(options: &[&str]) -> Self {
        let programs = Programs::find().unwrap_or_else(|error| panic!("{error:#}"));
        let vendor = Vendor::new(&programs, "Acme");
        let product = vendor.add_product("Acme CAD", FEATURES);
        let entitlement = vendor.add_entitlement(product, options);
        let kit = vendor.kit_here(product);
        Self { programs, vendor, product, kit, entitlement }
    }

    pub(crate) fn code(&self) -> &str {
        self.entitlement.code()
    }

    /// A computer that has never been activated.
    pub(crate) fn computer(&self) -> Computer {
        Computer::new(&self.programs, &self.kit)
    }

    /// A computer that holds a seat.
    #[track_caller]
    pub(crate) fn active_computer(&self, seat_name: &str) -> Computer {
        let computer = self.computer();
        self.activate(&computer, seat_name);
        computer
    }

    /// Request, response, applied.
    #[track_caller]
    pub(crate) fn activate(&self, computer: &Computer, seat_name: &str) {
        let request = computer.request_as(self.code(), seat_name);
        let _ = computer.apply(&self.vendor.response_to(&request)).succeeds();
        assert_eq!(computer.state(), "active");
    }

    /// Moves the vendor's clock and that of some computers.
    pub(crate) fn days_later<'a>(
        &mut self,
        days: i64,
        computers: impl IntoIterator<Item = &'a mut Computer>,
    ) {
        self.vendor.clock = Clock::days(days);
        for computer in computers {
            computer.clock = Clock::days(days);
        }
    }

    /// How many seats the issuer counts as in use for the entitlement.
    #[track_caller]
    pub(crate) fn seats_in_use(&self) -> usize {
        let seats = self.vendor.seats(Some(self.code()));
        seats.iter().filter(|seat| seat["state"] == "active").count()
    }
}
