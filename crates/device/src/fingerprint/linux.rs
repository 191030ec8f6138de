//! Reads traits from `/sys`, `/proc` and `/dev`. It reads files only: it runs no program and needs
//! no root privileges, although root can read more.

use std::fs;
use std::path::{Path, PathBuf};

use latchkey_token::HardwareTrait;

use super::values::{TraitValues, normalise};
use super::virtualization::{Virtualization, by_firmware};

/// Reads the traits below `root`, which is `/` except in tests.
pub(super) fn read(root: &Path) -> TraitValues {
    let volume = system_volume(root);
    let disk = volume.as_ref().and_then(|volume| system_disk(root, volume));
    let found = [
        (HardwareTrait::SystemUuid, text(&root.join("sys/class/dmi/id/product_uuid"))),
        (HardwareTrait::BoardSerial, board_serial(root)),
        (HardwareTrait::SystemDisk, disk),
        (HardwareTrait::SystemVolume, volume.as_ref().and_then(|volume| volume_id(root, volume))),
        (HardwareTrait::NetworkAddress, network_address(root)),
        (HardwareTrait::Processor, processor(root)),
    ];
    found.into_iter().filter_map(|(which, value)| Some((which, value?))).collect()
}

/// The installation's id at the path that machine-id(5) defines, and then D-Bus's own copy, which
/// is older and counts only if there is no other.
pub(super) fn installation_ids(root: &Path) -> Vec<String> {
    let files = ["etc/machine-id", "var/lib/dbus/machine-id"];
    files.into_iter().filter_map(|file| text(&root.join(file))).collect()
}

/// The text of a small file, unless it is meaningless.
fn text(path: &Path) -> Option<String> {
    normalise(&String::from_utf8_lossy(&fs::read(path).ok()?))
}

/// Reads a value of the firmware; boards without DMI (ARM) have it in the device tree.
fn board_serial(root: &Path) -> Option<String> {
    text(&root.join("sys/class/dmi/id/board_serial"))
        .or_else(|| text(&root.join("sys/firmware/devicetree/base/serial-number")))
}

/// The block device that is mounted on `/`.
struct Volume {
    /// Its name below `/sys/class/block`.
    name: String,
}

fn system_volume(root: &Path) -> Option<Volume> {
    let mounts = fs::read_to_string(root.join("proc/self/mountinfo")).ok()?;
    // id parent major:minor root mount-point options… - type source options; the last mount on `/`
    // counts.
    let line = mounts.lines().rfind(|line| line.split(' ').nth(4) == Some("/"))?;
    let number = line.split(' ').nth(2)?;
    let by_number = fs::read_link(root.join("sys/dev/block").join(number)).ok();
    let by_source = || {
        // Btrfs and others show a device number of their own, and the device as their source.
        let source = line.split(" - ").nth(1)?.split(' ').nth(1)?;
        let device = root.join(source.strip_prefix('/')?);
        let device = fs::canonicalize(&device).unwrap_or(device);
        root.join("sys/class/block").join(device.file_name()?).exists().then_some(device)
    };
    let device = by_number.or_else(by_source)?;
    Some(Volume { name: device.file_name()?.to_str()?.to_owned() })
}

fn volume_id(root: &Path, volume: &Volume) -> Option<String> {
    let mut ids: Vec<_> = fs::read_dir(root.join("dev/disk/by-uuid"))
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let device = fs::read_link(entry.path()).ok()?;
            let matches = device.file_name()?.to_str()? == volume.name;
            matches.then(|| entry.file_name().to_string_lossy().into_owned())
        })
        .collect();
    ids.sort_unstable();
    normalise(ids.first()?)
}

/// The serial number or WWID of the disk under the volume, through partitions, encryption and LVM.
fn system_disk(root: &Path, volume: &Volume) -> Option<String> {
    let mut device = fs::canonicalize(root.join("sys/class/block").join(&volume.name)).ok()?;
    for _ in 0..8 {
        let mut below: Vec<_> = fs::read_dir(device.join("slaves"))
            .map(|entries| {
                entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect()
            })
            .unwrap_or_default();
        below.sort_unstable();
        if let Some(first) = below.first() {
            device = fs::canonicalize(first).ok()?;
        } else if device.join("partition").exists() {
            device = device.parent()?.to_owned();
        } else {
            break;
        }
    }
    ["wwid", "device/wwid", "device/serial", "serial"]
        .into_iter()
        .find_map(|file| text(&device.join(file)))
}

/// The permanent address of a built-in network card: the smallest one. Virtual interfaces and
/// addresses set by software don't count, and a USB card counts only if there is no other.
fn network_address(root: &Path) -> Option<String> {
    let interfaces = fs::read_dir(root.join("sys/class/net")).ok()?;
    let candidates = interfaces.filter_map(|interface| {
        let interface = interface.ok()?.path();
        let device: PathBuf = fs::canonicalize(interface.join("device")).ok()?;
        let permanent = fs::read_to_string(interface.join("addr_assign_type")).ok()?.trim() == "0";
        let address = text(&interface.join("address"))?;
        let first = u8::from_str_radix(address.get(..2)?, 16).ok()?;
        // Bit 0: a group, bit 1: locally administered (IEEE 802).
        let universal = first & 3 == 0;
        let external = device
            .components()
            .any(|part| part.as_os_str().to_str().is_some_and(|part| part.starts_with("usb")));
        (permanent && universal).then_some((external, address))
    });
    candidates.min().map(|(_, address)| address)
}

/// The processor's model name; ARM has numbers instead.
fn processor(root: &Path) -> Option<String> {
    let info = fs::read_to_string(root.join("proc/cpuinfo")).ok()?;
    let value = |wanted: &str| {
        info.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.trim() == wanted).then(|| value.trim().to_owned())
        })
    };
    let model = value("model name").or_else(|| {
        let part = value("CPU part")?;
        Some(format!("{} {part}", value("CPU implementer").unwrap_or_default()))
    })?;
    normalise(&model.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Detects the environment from traces of container runtimes and from the firmware.
pub(super) fn virtualization(root: &Path) -> Virtualization {
    if let Some(by) = container(root) {
        return Virtualization::Container { by };
    }
    let firmware = |name: &str| text(&root.join("sys/class/dmi/id").join(name)).unwrap_or_default();
    if let Some(by) = by_firmware(&firmware("sys_vendor"), &firmware("product_name")) {
        return Virtualization::VirtualMachine { by };
    }
    if root.join("sys/hypervisor/type").exists() && !is_first_xen_domain(root) {
        return Virtualization::VirtualMachine { by: "Xen" };
    }
    let compatible = fs::read(root.join("proc/device-tree/hypervisor/compatible"));
    if compatible.is_ok() || processor_flags(root).any(|flag| flag == "hypervisor") {
        return Virtualization::VirtualMachine { by: "" };
    }
    Virtualization::Computer
}

fn container(root: &Path) -> Option<&'static str> {
    if root.join("run/.containerenv").exists() {
        return Some("Podman");
    }
    if root.join(".dockerenv").exists() {
        return Some("Docker");
    }
    // systemd records there which container it was started in.
    let noted = text(&root.join("run/systemd/container")).unwrap_or_default();
    let known =
        [("docker", "Docker"), ("podman", "Podman"), ("lxc", "LXC"), ("systemd-nspawn", "nspawn")];
    if let Some((_, by)) = known.into_iter().find(|(word, _)| noted.starts_with(word)) {
        return Some(by);
    }
    if noted == "wsl" || root.join("proc/sys/fs/binfmt_misc/WSLInterop").exists() {
        return Some("WSL");
    }
    if !noted.is_empty() {
        return Some("");
    }
    // Flatpak and Snap are in between: they have the same hardware and the same user, so they don't
    // count.
    let groups = fs::read_to_string(root.join("proc/1/cgroup")).unwrap_or_default();
    let known =
        [("kubepods", "Kubernetes"), ("docker", "Docker"), ("libpod", "Podman"), ("lxc", "LXC")];
    let named = known.into_iter().find(|(word, _)| {
        groups.lines().any(|line| line.rsplit(':').next().is_some_and(|path| path.contains(word)))
    });
    named.map(|(_, by)| by)
}

/// Whether this is the first Xen domain, which sees the real hardware.
fn is_first_xen_domain(root: &Path) -> bool {
    let capabilities = fs::read_to_string(root.join("proc/xen/capabilities")).unwrap_or_default();
    capabilities.contains("control_d")
}

fn processor_flags(root: &Path) -> impl Iterator<Item = String> + use<> {
    let info = fs::read_to_string(root.join("proc/cpuinfo")).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags")?.split(':').nth(1));
    flags.unwrap_or_default().split_whitespace().map(str::to_owned).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A laptop with an encrypted disk, a Wi-Fi card, a dock on USB and a bridge.
    fn laptop() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let link = |path: &str, target: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink(target, path).unwrap();
        };
        write("sys/class/dmi/id/product_uuid", "4C4C4544-0042-3510-8052-B4C04F4E3132\n");
        write("sys/class/dmi/id/board_serial", "Default string\n");
        write(
            "proc/self/mountinfo",
            "21 1 0:20 / /proc rw - proc proc rw\n29 1 254:0 / / rw,relatime shared:1 - ext4 /dev/mapper/root rw\n",
        );
        write("proc/cpuinfo", "processor\t: 0\nmodel name\t: AMD Ryzen 7  PRO\nflags: x\n");
        write("sys/devices/pci/nvme0n1/wwid", "eui.0025388b71b2c3d4\n");
        write("sys/devices/pci/nvme0n1/nvme0n1p2/partition", "2\n");
        write("sys/devices/virtual/dm-0/dm/name", "root\n");
        link("sys/devices/virtual/dm-0/slaves/nvme0n1p2", "../../../pci/nvme0n1/nvme0n1p2");
        link("sys/dev/block/254:0", "../../devices/virtual/dm-0");
        link("sys/class/block/dm-0", "../../devices/virtual/dm-0");
        link("dev/disk/by-uuid/0b5e6c3e-1111-2222-3333-444455556666", "../../dm-0");
        link("dev/disk/by-uuid/AAAA-BBBB", "../../nvme0n1p1");
        for (name, device, kind, address) in [
            ("lo", None, "0", "00:00:00:00:00:00"),
            ("br0", None, "3", "00:11:22:33:44:55"),
            ("enx1", Some("devices/pci/usb1/1-1"), "0", "00:00:5e:00:53:01"),
            ("wlan0", Some("devices/pci/wifi"), "0", "9C:B6:D0:E1:22:10"),
            ("eth9", Some("devices/pci/card"), "0", "02:42:ac:11:00:02"),
            ("eth8", Some("devices/pci/card"), "3", "00:42:ac:11:00:02"),
        ] {
            write(&format!("sys/class/net/{name}/address"), address);
            write(&format!("sys/class/net/{name}/addr_assign_type"), kind);
            if let Some(device) = device {
                fs::create_dir_all(root.path().join("sys").join(device)).unwrap();
                link(&format!("sys/class/net/{name}/device"), &format!("../../../{device}"));
            }
        }
        root
    }

    #[test]
    fn the_traits_of_a_laptop_are_found_and_irrelevant_devices_are_ignored() {
        let root = laptop();
        let expected = [
            (HardwareTrait::SystemUuid, "4c4c4544-0042-3510-8052-b4c04f4e3132"),
            (HardwareTrait::SystemDisk, "eui.0025388b71b2c3d4"),
            (HardwareTrait::SystemVolume, "0b5e6c3e-1111-2222-3333-444455556666"),
            (HardwareTrait::NetworkAddress, "9c:b6:d0:e1:22:10"),
            (HardwareTrait::Processor, "amd ryzen 7 pro"),
        ];
        let expected: TraitValues =
            expected.into_iter().map(|(which, value)| (which, value.to_owned())).collect();
        assert_eq!(read(root.path()), expected);
    }

    #[test]
    fn containers_and_virtual_machines_are_recognised_by_their_traces() {
        use Virtualization::{Computer, Container, VirtualMachine};
        let guest = "processor\t: 0\nflags\t\t: fpu hypervisor lahf_lm\n";
        for (path, content, expected) in [
            (".dockerenv", "", Container { by: "Docker" }),
            ("run/.containerenv", "", Container { by: "Podman" }),
            ("run/systemd/container", "lxc\n", Container { by: "LXC" }),
            ("run/systemd/container", "something\n", Container { by: "" }),
            ("proc/1/cgroup", "0::/kubepods/besteffort/pod1\n", Container { by: "Kubernetes" }),
            ("proc/1/cgroup", "1:cpu:/docker/0d82\n", Container { by: "Docker" }),
            ("proc/sys/fs/binfmt_misc/WSLInterop", "", Container { by: "WSL" }),
            ("sys/class/dmi/id/sys_vendor", "QEMU\n", VirtualMachine { by: "QEMU" }),
            ("sys/hypervisor/type", "xen\n", VirtualMachine { by: "Xen" }),
            ("proc/cpuinfo", guest, VirtualMachine { by: "" }),
            ("proc/cpuinfo", "flags\t: fpu vme\n", Computer),
            ("proc/1/cgroup", "0::/init.scope\n", Computer),
            ("sys/class/dmi/id/sys_vendor", "LENOVO\n", Computer),
        ] {
            let root = tempfile::tempdir().unwrap();
            let file = root.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
            assert_eq!(virtualization(root.path()), expected, "{path} {content}");
        }
        assert_eq!(virtualization(laptop().path()), Computer);
    }

    #[test]
    fn the_installation_id_is_read_from_etc_before_dbus() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["etc", "var/lib/dbus"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let (etc, dbus) = ("5af0c1", "9bd2e7");
        let ids = || installation_ids(root.path());
        assert!(ids().is_empty());
        fs::write(root.path().join("var/lib/dbus/machine-id"), dbus).unwrap();
        assert_eq!(ids(), [dbus]);
        for before_first_boot in ["", "uninitialized\n"] {
            fs::write(root.path().join("etc/machine-id"), before_first_boot).unwrap();
            assert_eq!(ids(), [dbus], "{before_first_boot:?}");
        }
        fs::write(root.path().join("etc/machine-id"), format!("{etc}\n")).unwrap();
        assert_eq!(ids(), [etc, dbus]);
    }

    #[test]
    fn an_empty_system_has_no_traits() {
        let root = tempfile::tempdir().unwrap();
        assert!(read(root.path()).is_empty());
    }
}
