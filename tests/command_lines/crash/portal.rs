//! The portal never exits by itself. It is interrupted while it starts and while it transfers a
//! seat, and restarted; the same form then gets its response.

use latchkey_e2e_support::{FAULTS, Fault, FileTreeState, Point, PortalServer, TracedPortal};

use super::{CrashRun, Group, Tallies, Tally, vendor};
use crate::fixture::{Fixture, ONE_SEAT};

pub(super) static PORTAL: Group =
    Group { name: "portal", commands: &["latchkey-server serve"], one_in: 24, run: portal };

fn portal(run: &CrashRun) {
    let fixture = Fixture::new(ONE_SEAT);
    let seat = fixture.active_computer("Drawing office").seat();
    let newcomer = fixture.computer();
    let request = newcomer.request(fixture.code());
    let vendor = &fixture.vendor;
    let before = FileTreeState::take(&[&vendor.data, newcomer.home()]);
    let take_over = |served: &PortalServer| {
        served.post("/activate", &[("token", &request), ("take_over", &seat), ("sure", "yes")])
    };

    let undisturbed = TracedPortal::start(vendor, None);
    let (status, page) = take_over(undisturbed.served.as_ref().expect("a portal")).expect("a page");
    assert_eq!(status, 200, "{page}");
    let points = undisturbed.points(&vendor.data);
    drop(undisturbed);
    let changes_data = |point: &Point| point.changes_data_in(&[&vendor.data]);
    let (sampled, others) = run.sample(&points, |point| usize::from(!changes_data(point)));
    let mut tallies = Tallies::default();
    // After a power cut no answer arrives. The commands above cover power cuts.
    let faults = FAULTS.into_iter().filter(|fault| *fault != Fault::PowerCut);
    for fault in faults.clone() {
        let tried = sampled.iter().map(|point| (true, *point));
        for (is_sampled, (number, point)) in tried.chain(others.iter().map(|o| (false, *o))) {
            if !is_sampled && tallies.of(fault).while_changing_data > 0 {
                break;
            }
            before.restore();
            let place = format!("{fault:?} at {} of {}: {}", number + 1, points.len(), point.line);
            let portal = TracedPortal::start(vendor, Some((point, fault)));
            let answered = portal.served.as_ref().and_then(|served| take_over(served).ok());
            drop(portal);
            let granted = matches!(answered, Some((200, _)));
            tallies.of(fault).add(Tally {
                runs: 1,
                interrupted: usize::from(!granted),
                while_changing_data: usize::from(!granted && changes_data(point)),
                with_lost_data: 0,
            });
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
    println!("latchkey-server serve: {} points, {tallies}", points.len());
    for fault in faults {
        let tally = *tallies.of(fault);
        assert!(tally.while_changing_data > 0, "{fault:?} has no effect: {tally:?}");
    }
    run.record("latchkey-server serve", points.len(), &tallies);
}
