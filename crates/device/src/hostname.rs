//! This computer's name, which is suggested as the seat's name.

use latchkey_token::limits::MAX_SEAT_NAME_BYTES;
use latchkey_token::{HardwareTrait, SeatName};
use sha2::{Digest as _, Sha256};

/// The suggested seat name: this computer's name.
#[must_use]
pub fn computer_name() -> Option<SeatName> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"))
        .ok()
        .or_else(|| variable("COMPUTERNAME"))
        .or_else(|| variable("HOSTNAME"))?;
    truncate(&name)
}

/// An empty value counts as unset.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Default names that many computers share because nobody has changed them. The part after the
/// first dot is ignored.
const COMMON: &[&str] = &[
    "(none)",
    "archlinux",
    "bogon",
    "computer",
    "debian",
    "desktop",
    "fedora",
    "host",
    "kali",
    "laptop",
    "linux",
    "localhost",
    "localhost4",
    "localhost6",
    "nixos",
    "none",
    "pc",
    "raspberrypi",
    "server",
    "ubuntu",
    "unknown",
    "vm",
    "workstation",
];

/// A seat name that the vendor can tell from others: if the computer has only a default name like
/// `localhost`, four characters derived from its installation are added.
#[must_use]
pub fn distinguishable_name(name: &str) -> String {
    let traits = crate::fingerprint::read();
    let of = |which| traits.get(&which).map(String::as_str).unwrap_or_default();
    distinguishable(name, &[of(HardwareTrait::OsInstall), of(HardwareTrait::NetworkAddress)])
}

fn distinguishable(name: &str, traits: &[&str]) -> String {
    let first = name.split('.').next().unwrap_or_default().to_lowercase();
    if !COMMON.contains(&first.as_str()) || traits.iter().all(|value| value.is_empty()) {
        return name.to_owned();
    }
    // This reveals no trait to the vendor: it is 16 bits of a hash over several.
    let mut hash = Sha256::new_with_prefix(b"latchkey seat name");
    for value in traits {
        hash.update([0]);
        hash.update(value);
    }
    let hash = hash.finalize();
    let name = if first == "(none)" { "computer" } else { first.as_str() };
    format!("{name}-{:02x}{:02x}", hash[0], hash[1])
}

/// Truncates a name to the maximum length of a seat name.
fn truncate(name: &str) -> Option<SeatName> {
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
    fn a_common_default_name_is_made_specific_to_this_computer() {
        let (here, there) = (["id of one", "02:00"], ["id of another", "02:00"]);
        for name in ["localhost", "localhost.localdomain", "(none)", "RaspberryPi", "ubuntu.local"]
        {
            let told = distinguishable(name, &here);
            assert_eq!(told, distinguishable(name, &here), "{name}");
            assert_ne!(told, distinguishable(name, &there), "{name}");
            let (first, signs) = told.rsplit_once('-').unwrap();
            assert!(!first.is_empty() && signs.len() == 4, "{told}");
            assert!(SeatName::new(&told).is_ok() && !told.contains('('), "{told}");
        }
        assert!(distinguishable("localhost.localdomain", &here).starts_with("localhost-"));
        for name in ["office-7", "raspberrypi-3", "local", ""] {
            assert_eq!(distinguishable(name, &here), name);
        }
        // If nothing is known of the computer, nothing can distinguish it.
        assert_eq!(distinguishable("localhost", &["", ""]), "localhost");
    }

    #[test]
    fn a_long_name_is_truncated_between_characters() {
        assert_eq!(truncate(" office-7\n").unwrap().as_str(), "office-7");
        assert_eq!(truncate(&"ü".repeat(40)).unwrap().as_str(), "ü".repeat(32));
        assert_eq!(truncate(&format!("a{}", "ü".repeat(40))).unwrap().as_str().len(), 63);
        assert_eq!(truncate("\n"), None);
    }
}
