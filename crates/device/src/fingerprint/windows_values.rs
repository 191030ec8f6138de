//! Selects among the many values that Windows has, and decodes raw ones. Pure functions, so they
//! are tested on every system.

/// A network card as its driver describes it.
pub(super) struct Card {
    /// The address as it is on the wire.
    pub(super) address: Vec<u8>,
    /// Flags of the driver, which show whether there is a physical card.
    pub(super) characteristics: u32,
    /// The hardware id that the driver was chosen for, starting with the bus:
    /// `pci\ven_8086&dev_15bc`.
    pub(super) device: String,
}

/// `NCF_PHYSICAL`: a physical card, and not a bridge, a tunnel or a virtual switch.
const PHYSICAL: u32 = 4;

/// The address of a built-in network card: the smallest one. Addresses set by software don't count,
/// and a USB card counts only if there is no other.
pub(super) fn built_in(cards: impl Iterator<Item = Card>) -> Option<String> {
    let candidates = cards.filter_map(|card| {
        let &first = card.address.first()?;
        // Bit 0: a group, bit 1: locally administered (IEEE 802).
        let universal = first & 3 == 0 && card.address.iter().any(|&byte| byte != 0);
        let external = !card.device.to_lowercase().starts_with("pci");
        let text: Vec<_> = card.address.iter().map(|byte| format!("{byte:02x}")).collect();
        let counts = universal && card.characteristics & PHYSICAL != 0 && card.address.len() == 6;
        counts.then(|| (external, text.join(":")))
    });
    candidates.min().map(|(_, address)| address)
}

/// The sort key of disks: the numbers in `/Scsi Port 10/Scsi Bus 0/Target Id 1/Logical Unit Id 0`.
pub(super) fn disk_order(path: &str) -> Vec<u32> {
    let numbers = path.split(|character: char| !character.is_ascii_digit());
    numbers.filter_map(|number| number.parse().ok()).collect()
}

/// The identifier of a volume in `MountedDevices`: a partition's GUID, or a disk's signature and
/// the offset on it.
pub(super) fn parse_volume(raw: &[u8]) -> Option<String> {
    let id = match raw.strip_prefix(b"DMIO:ID:") {
        Some(guid) if guid.len() == 16 => guid,
        None if raw.len() == 12 => raw,
        _ => return None,
    };
    Some(id.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(address: [u8; 6], characteristics: u32, device: &str) -> Card {
        Card { address: address.to_vec(), characteristics, device: device.to_owned() }
    }

    #[test]
    fn the_built_in_network_card_is_chosen_and_virtual_ones_are_ignored() {
        let switch = || card([0x00, 0x15, 0x5d, 1, 2, 3], 0x1, "vms_mp");
        let dock = || card([0x00, 0x50, 0xb6, 1, 2, 3], 0x84, r"usb\vid_17e9&pid_6006");
        let random = || card([0x02, 0x42, 0xac, 1, 2, 3], 0x84, r"pci\ven_8086&dev_0001");
        let wifi = || card([0x9c, 0xb6, 0xd0, 1, 2, 3], 0x84, r"PCI\VEN_8086&DEV_51F0");
        let chosen = |cards: Vec<Card>| built_in(cards.into_iter());
        let all = || vec![switch(), dock(), random(), wifi()];
        assert_eq!(chosen(all()).as_deref(), Some("9c:b6:d0:01:02:03"));
        assert_eq!(chosen(vec![switch(), dock()]).as_deref(), Some("00:50:b6:01:02:03"));
        assert_eq!(chosen(vec![switch(), random()]), None);
        assert_eq!(chosen(vec![card([0; 6], 4, "pci")]), None);
    }

    #[test]
    fn disks_are_ordered_by_number_and_not_as_text() {
        let path =
            |port, unit| format!("/Scsi Port {port}/Scsi Bus 0/Target Id 0/Logical Unit Id {unit}");
        let mut paths = [path(10, 0), path(2, 1), path(2, 0)];
        paths.sort_by_key(|path| disk_order(path));
        assert_eq!(paths, [path(2, 0), path(2, 1), path(10, 0)]);
    }

    #[test]
    fn a_volume_is_identified_by_its_partition_or_its_offset() {
        let guid = [b"DMIO:ID:".as_slice(), &[0xab; 16]].concat();
        assert_eq!(parse_volume(&guid), Some("ab".repeat(16)));
        assert_eq!(parse_volume(&[1; 12]), Some("01".repeat(12)));
        for other in [&b""[..], b"DMIO:ID:short", &[1; 13]] {
            assert_eq!(parse_volume(other), None);
        }
    }
}
