//! The hardware traits of this computer: a second check in addition to the device's key. Their
//! weights are in `latchkey-lease`, and they leave the computer only as keyed hashes.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "macos", test))]
mod macos;
mod virtualization;
#[cfg(target_os = "windows")]
mod windows;
#[cfg(any(target_os = "windows", test))]
mod windows_values;

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use latchkey_per_process::PerProcess;
use latchkey_token::{HardwareTrait, HardwareTraits, ProductNumber, VendorId};

pub use virtualization::Virtualization;

/// Detects the environment. It doesn't change while the program runs.
#[must_use]
pub fn virtualization() -> Virtualization {
    static FOUND: PerProcess<Virtualization> = PerProcess::new();
    *FOUND.get_or_init(|| {
        #[cfg(target_os = "linux")]
        return linux::virtualization(std::path::Path::new("/"));
        #[cfg(target_os = "windows")]
        return windows::virtualization();
        #[cfg(target_os = "macos")]
        return macos::virtualization();
        #[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "macos")))]
        Virtualization::Computer
    })
}

/// The readable traits in the clear: only for this module and the hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TraitValues {
    present: BTreeMap<HardwareTrait, String>,
    /// The installation's id as earlier versions determined it, if it differs: D-Bus's own copy.
    former_installation: Option<String>,
}

impl TraitValues {
    /// The values that may represent a trait in data written here; the present one comes first.
    pub(crate) fn known_as(&self, which: HardwareTrait) -> impl Iterator<Item = &str> {
        let former =
            self.former_installation.as_ref().filter(|_| which == HardwareTrait::OsInstall);
        self.present.get(&which).into_iter().chain(former).map(String::as_str)
    }

    /// The same computer with these values only.
    pub(crate) fn reduced_to(&self, present: BTreeMap<HardwareTrait, String>) -> Self {
        Self { present, former_installation: self.former_installation.clone() }
    }

    #[cfg(test)]
    pub(crate) fn formerly(mut self, installation: &str) -> Self {
        self.former_installation = Some(installation.to_owned());
        self
    }
}

impl Deref for TraitValues {
    type Target = BTreeMap<HardwareTrait, String>;

    fn deref(&self) -> &Self::Target {
        &self.present
    }
}

impl DerefMut for TraitValues {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.present
    }
}

impl From<BTreeMap<HardwareTrait, String>> for TraitValues {
    fn from(present: BTreeMap<HardwareTrait, String>) -> Self {
        Self { present, former_installation: None }
    }
}

impl<const N: usize> From<[(HardwareTrait, String); N]> for TraitValues {
    fn from(present: [(HardwareTrait, String); N]) -> Self {
        BTreeMap::from(present).into()
    }
}

impl FromIterator<(HardwareTrait, String)> for TraitValues {
    fn from_iter<I: IntoIterator<Item = (HardwareTrait, String)>>(present: I) -> Self {
        present.into_iter().collect::<BTreeMap<_, _>>().into()
    }
}

impl<'v> IntoIterator for &'v TraitValues {
    type Item = (&'v HardwareTrait, &'v String);
    type IntoIter = std::collections::btree_map::Iter<'v, HardwareTrait, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.present.iter()
    }
}

/// The traits of this computer, hashed for one vendor and product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TraitHashes {
    /// The traits as a request contains them.
    pub(crate) traits: HardwareTraits,
    /// The same with the installation's former id.
    former: Option<HardwareTraits>,
}

impl TraitHashes {
    /// The traits as they are compared with a licence: one that was granted when the former id
    /// counted is valid for this computer as well.
    pub(crate) fn beside(&self, known: &HardwareTraits) -> &HardwareTraits {
        let is_known = |former: &&HardwareTraits| {
            let id = known.get(HardwareTrait::OsInstall);
            id.is_some() && former.get(HardwareTrait::OsInstall) == id
        };
        self.former.as_ref().filter(is_known).unwrap_or(&self.traits)
    }
}

impl From<HardwareTraits> for TraitHashes {
    fn from(traits: HardwareTraits) -> Self {
        Self { traits, former: None }
    }
}

/// How long traits are cached: hardware doesn't change from one minute to the next, and reading it
/// costs a running product time.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// The traits that this process may read, no older than a minute. On Linux, only root can read the
/// firmware's serial numbers, so a trait may be absent for one process and present for another.
pub(crate) fn read() -> TraitValues {
    static KEPT: PerProcess<Mutex<Option<(Instant, TraitValues)>>> = PerProcess::new();
    let kept = KEPT.get_or_init(Mutex::default);
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    match &*kept {
        Some((read_at, values)) if read_at.elapsed() < KEPT_FOR => values.clone(),
        _ => {
            let values = read_now();
            *kept = Some((Instant::now(), values.clone()));
            values
        }
    }
}

fn read_now() -> TraitValues {
    let mut values = elsewhere_known();
    let mut ids = installation_ids().into_iter();
    if let Some(id) = ids.next() {
        values.former_installation = ids.next().filter(|former| *former != id);
        values.insert(HardwareTrait::OsInstall, id);
    }
    values
}

#[cfg(target_os = "linux")]
fn elsewhere_known() -> TraitValues {
    linux::read(std::path::Path::new("/"))
}

#[cfg(target_os = "windows")]
fn elsewhere_known() -> TraitValues {
    windows::read()
}

#[cfg(target_os = "macos")]
fn elsewhere_known() -> TraitValues {
    macos::read()
}

/// On other systems, the installation is the only trait.
#[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "macos")))]
fn elsewhere_known() -> TraitValues {
    TraitValues::new()
}

/// The ids of the operating system's installation, in order of precedence: `/etc/machine-id`,
/// `MachineGuid`, `IOPlatformUUID`.
#[cfg(target_os = "linux")]
fn installation_ids() -> Vec<String> {
    linux::installation_ids(std::path::Path::new("/"))
}

#[cfg(not(target_os = "linux"))]
fn installation_ids() -> Vec<String> {
    machine_uid::get().ok().and_then(|id| meaningful(&id)).into_iter().collect()
}

/// Hashes the values for one vendor and product.
pub(crate) fn hashed(
    values: &TraitValues,
    vendor: VendorId,
    product: ProductNumber,
) -> TraitHashes {
    let mut traits = HardwareTraits::default();
    for (&which, value) in values {
        traits.set(which, vendor, product, value);
    }
    let former = values.former_installation.as_ref().map(|id| {
        let mut former = traits;
        former.set(HardwareTrait::OsInstall, vendor, product, id);
        former
    });
    TraitHashes { traits, former }
}

/// Normalises a value; `None` if it is blank or a placeholder for a missing value.
fn meaningful(value: &str) -> Option<String> {
    /// Found in the firmware of real computers, in lower case; the last one in images and
    /// containers, where machine-id(5) has it before the first boot.
    const PLACEHOLDERS: [&str; 23] = [
        "to be filled by o.e.m.",
        "to be filled by o.e.m",
        "default string",
        "default",
        "not specified",
        "not applicable",
        "not available",
        "not settable",
        "none",
        "n/a",
        "unknown",
        "invalid",
        "empty",
        "oem",
        "o.e.m.",
        "system serial number",
        "base board serial number",
        "board serial number",
        "serial number",
        "type2 - board serial number",
        "03000200-0400-0500-0006-000700080009",
        "12345678-1234-5678-90ab-cddeefaabbcc",
        "uninitialized",
    ];
    let value =
        value.trim_matches(|character: char| character.is_whitespace() || character == '\0');
    let value = value.to_lowercase();
    let mut symbols = value.chars().filter(|character| character.is_alphanumeric());
    let first = symbols.next()?;
    let all_the_same = symbols.all(|symbol| symbol == first);
    let counted_up = "0123456789".contains(&*value) || "1234567890".contains(&*value);
    let placeholder = PLACEHOLDERS.contains(&&*value) || is_a_hypervisors_default(&value);
    (!all_the_same && !counted_up && !placeholder).then_some(value)
}

/// Whether a disk serial is a hypervisor's default, which is the same on all its computers.
fn is_a_hypervisors_default(value: &str) -> bool {
    let serial = match value.strip_prefix("nvme.").and_then(|rest| rest.split('-').nth(1)) {
        // Linux constructs a name if a disk has no id: `nvme.VENDOR-SERIAL-MODEL-NAMESPACE`, in
        // hexadecimal.
        Some(hexadecimal) => &*text_of(hexadecimal).unwrap_or_default(),
        None => value,
    };
    serial.split_whitespace().any(|word| {
        let numbered = |start: &str| {
            let number = word.strip_prefix(start);
            number.is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
        };
        // QEMU uses `QM00001` for ATA, `drive-scsi0` and the like, and a sequential EUI-64 with its
        // own prefix.
        numbered("qm")
            || word.starts_with("drive-")
            || word.starts_with("eui.52540000000000")
            // These are the defaults of VMware, VirtualBox and Google's persistent disks, and
            // values from examples for QEMU and tgt.
            || word.starts_with("nvme_")
            || word == "vb1234-56789"
            || numbered("persistent-disk-")
            || ["deadbeef", "beaf11"].contains(&word)
    })
}

/// Decodes hexadecimal ASCII, in lower case.
fn text_of(hexadecimal: &str) -> Option<String> {
    let pairs = hexadecimal.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    let bytes = pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect::<Option<Vec<_>>>()?;
    Some(String::from_utf8(bytes).ok()?.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_values_and_placeholders_are_ignored() {
        for value in [
            "",
            " \n",
            "\0\0",
            "0",
            "00000000-0000-0000-0000-000000000000",
            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
            "To Be Filled By O.E.M.",
            "uninitialized\n",
            "Default string ",
            "None",
            "0123456789",
            "123456789",
            "xxxxxxx",
            "...",
            "03000200-0400-0500-0006-000700080009",
            "QM00001",
            "t10.ATA     QEMU HARDDISK                           QM00003             ",
            "t10.QEMU    QEMU HARDDISK   drive-scsi0",
            "eui.5254000000000001",
            "VMWare NVME_0000",
            "VB1234-56789",
            "Google  PersistentDisk  persistent-disk-0",
            // A disk of QEMU with `serial=deadbeef`, and one of Google's.
            "nvme.1b36-6465616462656566-51454d55204e564d65204374726c-00000001",
            "nvme.1ae0-6e766d655f636172642d7064-6e766d655f636172642d7064-00000001",
        ] {
            assert_eq!(meaningful(value), None, "{value:?}");
        }
        for value in [
            "t10.ata     vbox harddisk                           vb6bd5ba16-1e0ccf5a",
            "t10.qemu    qemu harddisk   5f3c1d",
            "naa.600224800b2c8ba0",
            "eui.0025388b71b2c3d4",
            // A volume of Amazon's.
            "nvme.1d0f-766f6c3061626333-416d617a6f6e20456c617374696320426c6f636b2053746f7265-00000001",
            "qm00x7",
        ] {
            assert_eq!(meaningful(value).as_deref(), Some(value));
        }
        assert_eq!(meaningful(" PF3ABCDE\n").as_deref(), Some("pf3abcde"));
    }

    #[test]
    fn two_vendors_cannot_compare_their_hashes() {
        let values = TraitValues::from([(HardwareTrait::SystemUuid, "a".to_owned())]);
        let of = |vendor, product| hashed(&values, VendorId::from_bytes([vendor; 8]), product);
        assert_eq!(of(1, 1), of(1, 1));
        assert_ne!(of(1, 1), of(2, 1));
        assert_ne!(of(1, 1), of(1, 2));
    }

    #[test]
    fn this_computer_has_an_installation_id_unless_it_is_a_bare_container() {
        assert_eq!(read().get(&HardwareTrait::OsInstall), installation_ids().first());
    }
}
