//! The portal never exits by itself. It is interrupted while it starts and while it transfers a
//! seat, and restarted; the same form then gets its response.

use latchkey_e2e_support::{FAULTS, Fault, PortalServer, Snapshot, TracedPortal};

use super::{Cut, Group, vendor};
use crate::fixture::{Fixture, ONE_SEAT};

pub(super) static PORTAL: Group =
    Group { name: "portal", commands: &["latchkey-server serve"], one_in: 24, cut: portal };

fn portal(cut: &Cut) {
    let fixture = Fixture::new(ONE_SEAT);
    let seat = fixture.active_computer("Drawing office").seat();
    let newcomer = fixture.computer();
    let request = newcomer.request(fixture.code());
    let vendor = &fixture.vendor;
    let before = Snapshot::of(&[&vendor.data, newcomer.home()]);
    let take_over = |served: &PortalServer| {
        served.post("/activate", &[("token", &request), ("take_over", &seat), ("sure", "yes")])
    };

    let undisturbed = TracedPortal::start(vendor, None);
    let (status, page) = take_over(undisturbed.served.as_ref().expect("a portal")).expect("a page");
    assert_eq!(status, 200, "{page}");
    let points = undisturbed.points(&vendor.data);
    drop(undisturbed);
    let step = cut.one_in.min(points.len()).max(1);
    let first = fastrand::usize(..step);
    let (mut runs, mut cut_off) = (0, 0);
    // There is no answer to be had after a power cut, and the commands have them.
    for fault in FAULTS.into_iter().filter(|fault| *fault != Fault::PowerCut) {
        for (number, point) in points.iter().enumerate().skip(first).step_by(step) {
            before.put_back();
            let place = format!("{fault:?} at {} of {}: {}", number + 1, points.len(), point.line);
            let portal = TracedPortal::start(vendor, Some((point, fault)));
            let answered = portal.served.as_ref().and_then(|served| take_over(served).ok());
            drop(portal);
            let granted = matches!(answered, Some((200, _)));
            runs += 1;
            cut_off += usize::from(!granted);
            let taken = || {
                assert_eq!(fixture.seats_in_use(), 1, "a seat too many or too few: {place}");
                vendor::is_taken_over(&fixture, &seat)
            };
            assert!(taken() || !granted, "success was told, and it isn't so: {place}");

            let portal = PortalServer::start(vendor, 0, None);
            let portal =
                portal.unwrap_or_else(|error| panic!("no portal any more: {place}: {error:#}"));
            let (status, page) = take_over(&portal).expect("a page");
            assert_eq!(status, 200, "{place}\n{page}");
            drop(portal);
            assert!(taken(), "both have it: {place}");
            vendor::was_taken_over_once(vendor);
            let _ = newcomer.apply(&vendor.response_to(&request)).succeeds();
            assert_eq!(newcomer.state(), "active", "{place}");
        }
    }
    assert!(cut_off > 0, "nothing was cut short");
    println!(
        "latchkey-server serve: {} points, {runs} runs, {cut_off} of them cut short",
        points.len()
    );
    cut.count("latchkey-server serve", points.len(), runs);
}
