//! The values of hardware traits, and which values mean anything. Where they are read is in one
//! module for each system.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use latchkey_token::HardwareTrait;

/// The readable traits in the clear: only for this module and the hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TraitValues {
    present: BTreeMap<HardwareTrait, String>,
    /// The installation's id as earlier versions determined it, if it differs: D-Bus's own copy.
    pub(super) former_installation: Option<String>,
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
    pub(crate) fn with_former_installation(mut self, installation: &str) -> Self {
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

/// Normalises a value; `None` if it is blank or a placeholder for a missing value.
pub(super) fn normalise(value: &str) -> Option<String> {
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
