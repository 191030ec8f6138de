//! The texts that make the wizard an application of a Linux desktop.

use std::fmt::Write as _;

use crate::section::Section;

/// The entry in the menu (Desktop Entry Specification 1.5).
pub(crate) fn application(section: &Section) -> String {
    let Section { id, name, menu, summary, .. } = section;
    let path = section.path();
    let mut text = String::from("[Desktop Entry]\nType=Application\n");
    for (key, texts) in [("Name", menu), ("Comment", summary)] {
        let _ = writeln!(text, "{key}={}", escape(texts.english()));
        for (language, translated) in texts.translations() {
            let _ = writeln!(text, "{key}[{language}]={}", escape(translated));
        }
    }
    let _ = write!(
        text,
        "Exec={path}/{name} %F\nTryExec={path}/{name}\nIcon={id}\nCategories=Utility;\n\
         StartupWMClass={id}\nStartupNotify=true\nTerminal=false\n",
    );
    if section.opens_tokens {
        let _ = writeln!(text, "MimeType={};", mime_type(section));
    }
    text
}

/// A value: a backslash begins an escape sequence.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
}

fn mime_type(section: &Section) -> String {
    format!("application/x-{}-token", section.name)
}

/// The type of files with tokens (Shared MIME-info Database Specification). Every vendor's type has
/// the same names of files, so that the desktop offers each vendor's wizard for them.
pub(crate) fn token_files(section: &Section) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <mime-info xmlns=\"http://www.freedesktop.org/standards/shared-mime-info\">\n  \
         <mime-type type=\"{}\">\n    <comment>{}</comment>\n",
        mime_type(section),
        escape_xml(section.menu.english()),
    );
    for (language, translated) in section.menu.translations() {
        let _ = writeln!(
            text,
            "    <comment xml:lang=\"{language}\">{}</comment>",
            escape_xml(translated)
        );
    }
    text.push_str(
        "    <sub-class-of type=\"text/plain\"/>\n    <glob pattern=\"*.token\"/>\n  \
         </mime-type>\n</mime-info>\n",
    );
    text
}

/// A text between the tags of XML.
pub(crate) fn escape_xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Where the licences are.
pub(crate) fn copyright(section: &Section) -> String {
    format!("The licences of the programs in this package are in {}/licences.\n", section.path())
}
