//! The hardware traits of this computer: a second check in addition to the device's key. Their
//! weights are in `latchkey-lease`, and they leave the computer only as keyed hashes.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "macos", test))]
mod macos;
mod values;
mod virtualization;
#[cfg(target_os = "windows")]
mod windows;
#[cfg(any(target_os = "windows", test))]
mod windows_values;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use latchkey_per_process::PerProcess;
use latchkey_token::{HardwareTrait, HardwareTraits, ProductNumber, VendorId};

pub(crate) use values::TraitValues;
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
    pub(crate) fn comparable_with(&self, known: &HardwareTraits) -> &HardwareTraits {
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
    machine_uid::get().ok().and_then(|id| values::normalise(&id)).into_iter().collect()
}

/// Hashes the values for one vendor and product.
pub(crate) fn hash_traits(
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

#[cfg(test)]
mod tests {
    use super::values::normalise;
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
            assert_eq!(normalise(value), None, "{value:?}");
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
            assert_eq!(normalise(value).as_deref(), Some(value));
        }
        assert_eq!(normalise(" PF3ABCDE\n").as_deref(), Some("pf3abcde"));
    }

    #[test]
    fn two_vendors_cannot_compare_their_hashes() {
        let values = TraitValues::from([(HardwareTrait::SystemUuid, "a".to_owned())]);
        let of = |vendor, product| hash_traits(&values, VendorId::from_bytes([vendor; 8]), product);
        assert_eq!(of(1, 1), of(1, 1));
        assert_ne!(of(1, 1), of(2, 1));
        assert_ne!(of(1, 1), of(1, 2));
    }

    #[test]
    fn this_computer_has_an_installation_id_unless_it_is_a_bare_container() {
        assert_eq!(read().get(&HardwareTrait::OsInstall), installation_ids().first());
    }
}
