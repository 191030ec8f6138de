//! What this computer is called.

use latchkey_token::SeatName;
use latchkey_token::limits::MAX_SEAT_NAME_BYTES;

/// This computer's name, as a first suggestion for the seat's.
#[must_use]
pub fn computer_name() -> Option<SeatName> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"))
        .ok()
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .or_else(|| std::env::var("HOSTNAME").ok())?;
    fitting(&name)
}

/// As much of a name as a seat's may have.
fn fitting(name: &str) -> Option<SeatName> {
    let name: String = name.trim().chars().filter(|character| !character.is_control()).collect();
    let mut end = name.len().min(MAX_SEAT_NAME_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    SeatName::new(&name[..end]).ok().filter(|name| !name.as_str().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_between_two_characters() {
        assert_eq!(fitting(" office-7\n").unwrap().as_str(), "office-7");
        assert_eq!(fitting(&"ü".repeat(40)).unwrap().as_str(), "ü".repeat(32));
        assert_eq!(fitting(&format!("a{}", "ü".repeat(40))).unwrap().as_str().len(), 63);
        assert_eq!(fitting("\n"), None);
    }
}
