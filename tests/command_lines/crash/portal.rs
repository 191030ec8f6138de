//! The portal never exits by itself. It is interrupted while it starts and while it transfers a
//! seat, and restarted; the same form then gets its response.

use latchkey_e2e_support::{FAULTS, Fault, PortalServer, Snapshot, TracedPortal};

use super::{CrashRun, Group, vendor};
use crate::fixture::{Fixture, ONE_SEAT};

pub(super) static PORTAL: Group =
    Group { name: "portal", commands: &["latchkey-server serve"], one_in: 24, run: portal };

fn portal(run: &CrashRun) {
    let fixture = Fixture::new(ONE_SEAT);
    let seat = fixture.active_computer("Drawing office").seat();
    let newcomer = fixture.computer();
    let request = newcomer.request(fixture.code());
    let vendor = &fixture.vendor;
    let before = Snapshot::take(&[&vendor.data, newcomer.home()]);
    let take_over = |served: &PortalServer| {
        served.post("/activate", &[("token", &request), ("take_over", &seat), ("sure", "yes")])
    };

    let undisturbed = TracedPortal::start(vendor, None);
    let (status, page) = take_over(undisturbed.served.as_ref().expect("a portal")).expect("a page");
    assert_eq!(status, 200, "{page}");
    let points = undisturbed.points(&vendor.data);
    drop(undisturbed);
    let step = run.one_in.min(points.len()).max(1);
    let first = fastrand::usize(..step);
    let (mut runs, mut interrupted) = (0, 0);
    // After a power cut no answer arrives. The commands above cover power cuts.
    for fault in FAULTS.into_iter().filter(|fault| *fault != Fault::PowerCut) {
        for (number, point) in points.iter().enumerate().skip(first).step_by(step) {
            before.restore();
            let place = format!("{fault:?} at {} of {}: {}", number + 1, points.len(), point.line);
            let portal = TracedPortal::start(vendor, Some((point, fault)));
            let answered = portal.served.as_ref().and_then(|served| take_over(served).ok());
            drop(portal);
            let granted = matches!(answered, Some((200, _)));
            runs += 1;
            interrupted += usize::from(!granted);
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
            vendor::assert_taken_over_once(vendor);
            let _ = newcomer.apply(&vendor.response_to(&request)).succeeds();
            assert_eq!(newcomer.state(), "active", "{place}");
        }
    }
    assert!(interrupted > 0, "nothing was interrupted");
    println!(
        "latchkey-server serve: {} points, {runs} runs, {interrupted} of them interrupted",
        points.len()
    );
    run.record("latchkey-server serve", points.len(), runs);
}
