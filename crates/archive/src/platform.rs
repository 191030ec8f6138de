//! The platforms that archives are made for.

/// A platform that there are archives for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    /// Linux on x86-64.
    LinuxX86_64,
    /// Linux on 64-bit ARM.
    LinuxAarch64,
    /// Windows on x86-64.
    WindowsX86_64,
    /// macOS on x86-64.
    MacosX86_64,
    /// macOS on 64-bit ARM.
    MacosAarch64,
}

/// How the files of an archive are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// `.tar.gz`
    TarGz,
    /// `.zip`
    Zip,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 5] = [
        Self::LinuxX86_64,
        Self::LinuxAarch64,
        Self::WindowsX86_64,
        Self::MacosX86_64,
        Self::MacosAarch64,
    ];

    /// Its name in names of archives.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LinuxX86_64 => "linux-x86_64",
            Self::LinuxAarch64 => "linux-aarch64",
            Self::WindowsX86_64 => "windows-x86_64",
            Self::MacosX86_64 => "macos-x86_64",
            Self::MacosAarch64 => "macos-aarch64",
        }
    }

    /// The platform of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.name() == name)
    }

    /// How its archives are packed.
    #[must_use]
    pub const fn container(self) -> Container {
        match self {
            Self::WindowsX86_64 => Container::Zip,
            _ => Container::TarGz,
        }
    }

    /// Whether it is a Linux.
    #[must_use]
    pub const fn is_linux(self) -> bool {
        matches!(self, Self::LinuxX86_64 | Self::LinuxAarch64)
    }

    /// Whether it is a Windows.
    #[must_use]
    pub const fn is_windows(self) -> bool {
        matches!(self, Self::WindowsX86_64)
    }

    /// Whether it is a macOS.
    #[must_use]
    pub const fn is_macos(self) -> bool {
        matches!(self, Self::MacosX86_64 | Self::MacosAarch64)
    }

    /// The end of a program's name.
    #[must_use]
    pub const fn program_suffix(self) -> &'static str {
        if self.is_windows() { ".exe" } else { "" }
    }

    /// The folder in an archive of this platform.
    #[must_use]
    pub fn archive_folder(self, version: &str) -> String {
        format!("latchkey-{version}-{}", self.name())
    }

    /// The name of its archive.
    #[must_use]
    pub fn archive_name(self, version: &str) -> String {
        let end = match self.container() {
            Container::TarGz => "tar.gz",
            Container::Zip => "zip",
        };
        format!("{}.{end}", self.archive_folder(version))
    }

    /// The platform and version of an archive's name.
    #[must_use]
    pub fn of_archive(name: &str) -> Option<(Self, &str)> {
        Self::ALL.into_iter().find_map(|platform| {
            let (version, _) = name.strip_prefix("latchkey-")?.split_once(platform.name())?;
            let version = version.strip_suffix('-')?;
            (platform.archive_name(version) == name).then_some((platform, version))
        })
    }

    /// Whether a program was built for this platform, as far as its header says.
    #[must_use]
    pub fn runs(self, program: &[u8]) -> bool {
        let u16_at = |at: usize| {
            let bytes = program.get(at..at.checked_add(2)?)?;
            Some(u16::from_le_bytes([bytes[0], bytes[1]]))
        };
        let u32_at = |at: usize| {
            let bytes = program.get(at..at.checked_add(4)?)?;
            Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        };
        // Class, byte order and machine of the ELF header.
        let is_elf =
            |machine| program.starts_with(b"\x7fELF\x02\x01") && u16_at(18) == Some(machine);
        // The machine of the PE header, whose place is in the DOS header.
        let is_pe = |machine| {
            let header = u32_at(0x3c).and_then(|at| usize::try_from(at).ok());
            let header = header.filter(|_| program.starts_with(b"MZ"));
            header.is_some_and(|at| {
                program.get(at..).is_some_and(|rest| rest.starts_with(b"PE\0\0"))
                    && u16_at(at.saturating_add(4)) == Some(machine)
            })
        };
        // The processor's type of the Mach-O header.
        let is_mach = |cpu| u32_at(0) == Some(0xfeed_facf) && u32_at(4) == Some(cpu);
        match self {
            Self::LinuxX86_64 => is_elf(62),
            Self::LinuxAarch64 => is_elf(183),
            Self::WindowsX86_64 => is_pe(0x8664),
            Self::MacosX86_64 => is_mach(0x0100_0007),
            Self::MacosAarch64 => is_mach(0x0100_000c),
        }
    }
}
