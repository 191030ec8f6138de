//! Reads traits from the output of macOS's own tools: `ioreg`, `diskutil`, `networksetup` and
//! `sysctl`, each called by its absolute path. Parsing their output is tested on every system.
//!
//! macOS has no installation id, so the hardware UUID serves as one; there is no separate system
//! UUID, which would count the same value twice.

use std::process::{Command, Stdio};

use latchkey_token::HardwareTrait;

use super::values::{TraitValues, normalise};
use super::virtualization::Virtualization;

/// Reads the traits.
#[cfg_attr(not(target_os = "macos"), allow(dead_code))]
pub(super) fn read() -> TraitValues {
    let platform = run("/usr/sbin/ioreg", &["-r", "-d1", "-w0", "-c", "IOPlatformExpertDevice"]);
    let disk = run("/usr/sbin/ioreg", &["-r", "-d1", "-w0", "-c", "IONVMeController"]);
    let volume = run("/usr/sbin/diskutil", &["info", "/"]);
    let ports = run("/usr/sbin/networksetup", &["-listallhardwareports"]);
    let found = [
        (HardwareTrait::BoardSerial, registry_value(&platform, "IOPlatformSerialNumber")),
        (HardwareTrait::SystemDisk, registry_value(&disk, "Serial Number")),
        (HardwareTrait::SystemVolume, find_labelled(&volume, "Volume UUID")),
        (HardwareTrait::NetworkAddress, first_card(&ports)),
        (
            HardwareTrait::Processor,
            Some(run("/usr/sbin/sysctl", &["-n", "machdep.cpu.brand_string"])),
        ),
    ];
    let known = |(which, value): (_, Option<String>)| Some((which, normalise(&value?)?));
    found.into_iter().filter_map(known).collect()
}

/// Detects the environment that this program runs in.
#[cfg_attr(not(target_os = "macos"), allow(dead_code))]
pub(super) fn virtualization() -> Virtualization {
    match run("/usr/sbin/sysctl", &["-n", "kern.hv_vmm_present"]).trim() {
        "1" => Virtualization::VirtualMachine { by: "" },
        _ => Virtualization::Computer,
    }
}

/// A tool's output; `None` if it fails.
#[cfg_attr(not(target_os = "macos"), allow(dead_code))]
fn run(tool: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(tool);
    command.args(arguments).env("LC_ALL", "C").stdin(Stdio::null()).stderr(Stdio::null());
    let answer = command.output().ok().filter(|answer| answer.status.success());
    answer.map(|answer| String::from_utf8_lossy(&answer.stdout).into_owned()).unwrap_or_default()
}

/// The first `"key" = "value"` of `ioreg`.
fn registry_value(text: &str, key: &str) -> Option<String> {
    let quoted = format!("\"{key}\"");
    text.lines().find_map(|line| {
        let (before, value) = line.split_once(" = ")?;
        let is_this = before.trim_start_matches([' ', '|']) == quoted;
        is_this.then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// The first `label: value`.
fn find_labelled(text: &str, label: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (before, value) = line.split_once(':')?;
        (before.trim() == label).then(|| value.trim().to_owned())
    })
}

/// The hardware address of `en0`, which is built in. It differs from the one that a private Wi-Fi
/// address shows.
fn first_card(ports: &str) -> Option<String> {
    let block = ports
        .split("\n\n")
        .find(|block| find_labelled(block, "Device").as_deref() == Some("en0"))?;
    let address = find_labelled(block, "Ethernet Address")?;
    let first = u8::from_str_radix(address.get(..2)?, 16).ok()?;
    (first & 3 == 0).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLATFORM: &str = r#"
+-o J314sAP  <class IOPlatformExpertDevice, id 0x100000227, registered, matched, active, busy 0>
    {
      "IOPlatformUUID" = "5B8C1F0E-0000-1111-2222-333344445555"
      "model" = <"MacBookPro18,3">
      "IOPlatformSerialNumber" = "C02EXAMPLE01"
    }
"#;
    const PORTS: &str = "
Hardware Port: Thunderbolt Bridge
Device: bridge0
Ethernet Address: 36:2b:00:00:00:01

Hardware Port: Wi-Fi
Device: en0
Ethernet Address: f8:4d:89:00:00:02

VLAN Configurations
===================
";

    #[test]
    fn values_are_found_in_the_output_of_the_tools() {
        let of = |key| registry_value(PLATFORM, key);
        assert_eq!(of("IOPlatformSerialNumber").as_deref(), Some("C02EXAMPLE01"));
        assert_eq!(of("Serial Number"), None);
        assert_eq!(
            registry_value("    | |   \"Serial Number\" = \"0ba0123456\"\n", "Serial Number")
                .as_deref(),
            Some("0ba0123456")
        );
        let info =
            "   Volume Name:               Macintosh HD\n   Volume UUID:               AB-CD\n";
        assert_eq!(find_labelled(info, "Volume UUID").as_deref(), Some("AB-CD"));
    }

    #[test]
    fn a_built_in_network_card_counts_and_a_virtual_one_does_not() {
        assert_eq!(first_card(PORTS).as_deref(), Some("f8:4d:89:00:00:02"));
        assert_eq!(first_card(&PORTS.replace("f8:4d", "fa:4d")), None);
        assert_eq!(first_card(""), None);
    }
}
