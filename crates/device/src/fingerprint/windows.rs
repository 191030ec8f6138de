//! Reads traits from the firmware's tables, the registry and the network cards. It runs no program
//! and needs no administrator. The selection among several values and the decoding of raw ones are
//! in `windows_values`.

use latchkey_token::HardwareTrait;
use smbioslib::{
    SMBiosBaseboardInformation, SMBiosSystemInformation, SystemUuidData, table_load_from_device,
};
use windows_registry::{Key, LOCAL_MACHINE};

use super::values::{TraitValues, normalise};
use super::virtualization::{Virtualization, by_firmware};
use super::windows_values::{Card, built_in, disk_order, parse_volume};

/// Registry class of network cards.
const CARDS: &str =
    r"SYSTEM\CurrentControlSet\Control\Class\{4d36e972-e325-11ce-bfc1-08002be10318}";
/// Registry class of disks, by bus.
const DISKS: &str = r"HARDWARE\DEVICEMAP\Scsi";
const PROCESSOR: &str = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0";
const FIRMWARE: &str = r"HARDWARE\DESCRIPTION\System\BIOS";
const MOUNTED: &str = r"SYSTEM\MountedDevices";

pub(super) fn read() -> TraitValues {
    let firmware = table_load_from_device().ok();
    let system = firmware.as_ref().and_then(|table| table.first::<SMBiosSystemInformation<'_>>());
    let system_uuid = system.and_then(|system| match system.uuid()? {
        SystemUuidData::Uuid(uuid) => Some(uuid.to_string()),
        _ => None,
    });
    let board = firmware.as_ref().and_then(|table| table.first::<SMBiosBaseboardInformation<'_>>());
    let found = [
        (HardwareTrait::SystemUuid, system_uuid),
        (HardwareTrait::BoardSerial, board.and_then(|board| board.serial_number().ok())),
        (HardwareTrait::SystemDisk, system_disk()),
        (HardwareTrait::SystemVolume, system_volume()),
        (HardwareTrait::NetworkAddress, network_address()),
        (HardwareTrait::Processor, string(PROCESSOR, "ProcessorNameString")),
    ];
    let known = |(which, value): (_, Option<String>)| Some((which, normalise(&value?)?));
    found.into_iter().filter_map(known).collect()
}

/// Detects the environment that this program runs in. Windows doesn't distinguish a container from
/// the computer that runs it.
pub(super) fn virtualization() -> Virtualization {
    let firmware = |name| string(FIRMWARE, name).unwrap_or_default();
    match by_firmware(&firmware("SystemManufacturer"), &firmware("SystemProductName")) {
        Some(by) => Virtualization::VirtualMachine { by },
        None => Virtualization::Computer,
    }
}

fn string(path: &str, name: &str) -> Option<String> {
    LOCAL_MACHINE.open(path).ok()?.get_string(name).ok()
}

/// The subkeys of a key, each with its name.
fn subkeys(key: &Key) -> Vec<(String, Key)> {
    let names: Vec<_> = key.keys().map(Iterator::collect).unwrap_or_default();
    let opened = |name: String| key.open(&name).ok().map(|opened| (name, opened));
    names.into_iter().filter_map(opened).collect()
}

/// The serial number of the first disk in the system's order.
fn system_disk() -> Option<String> {
    let mut level = vec![(String::new(), LOCAL_MACHINE.open(DISKS).ok()?)];
    // Port, bus, target, unit.
    for _ in 0..4 {
        let children = level.iter().flat_map(|(path, key)| {
            subkeys(key).into_iter().map(move |(name, key)| (format!("{path}/{name}"), key))
        });
        level = children.collect();
    }
    level.sort_by_key(|(path, _)| disk_order(path));
    level.iter().find_map(|(_, unit)| {
        let is_disk = unit.get_string("DeviceType").ok()? == "DiskPeripheral";
        is_disk.then(|| normalise(&unit.get_string("SerialNumber").ok()?)).flatten()
    })
}

/// The partition that the system was booted from.
fn system_volume() -> Option<String> {
    let drive = std::env::var("SystemDrive").unwrap_or_else(|_| "C:".to_owned());
    let mounted = LOCAL_MACHINE.open(MOUNTED).ok()?;
    parse_volume(&mounted.get_value(format!(r"\DosDevices\{drive}")).ok()?)
}

fn network_address() -> Option<String> {
    let drivers = LOCAL_MACHINE.open(CARDS).map(|cards| subkeys(&cards)).unwrap_or_default();
    let cards = ipconfig::get_adapters().ok()?.into_iter().filter_map(|adapter| {
        let of_this = |key: &Key| {
            key.get_string("NetCfgInstanceId")
                .is_ok_and(|id| id.eq_ignore_ascii_case(adapter.adapter_name()))
        };
        let (_, driver) = drivers.iter().find(|(_, key)| of_this(key))?;
        Some(Card {
            address: adapter.physical_address()?.to_vec(),
            characteristics: driver.get_u32("Characteristics").ok()?,
            device: driver.get_string("MatchingDeviceId").unwrap_or_default(),
        })
    });
    built_in(cards)
}
