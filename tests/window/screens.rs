//! Small screens, screens with few colours as on remote desktops, and invalid command-line
//! arguments.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use latchkey_e2e_support::{Clock, Programs, Session, WizardFixture};

use crate::{accessibility, folder};

#[test]
fn on_a_small_screen_the_window_fits_and_every_control_is_reachable() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("small-screen")?.join("fixture"))?;
    let product = fixture.new_product();
    for (screen, width, height) in [("640x480x24", 640, 480), ("800x600x16", 800, 600)] {
        fixture.desktop.switch_display(screen)?;
        let driver = Session::start(&fixture.programs, &fixture.desktop)?;
        let window = driver.open(&product.kit.config(), Clock::NOW)?;
        window.wait_for_screen("home")?;
        let size = window.size()?;
        ensure!(size.0 <= width && size.1 <= height, "{size:?} on {screen}");
        ensure!(size.0 >= 480 && size.1 >= 400, "{size:?} on {screen}: smaller than it may be");
        let found = accessibility::layout_problems(&window)?;
        ensure!(found.is_empty(), "what doesn't fit on {screen}:\n{}", found.join("\n"));
        window.close()?;
    }
    Ok(())
}

#[test]
fn too_few_colours_are_reported_in_a_plain_window_and_on_the_terminal() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("few-colours")?.join("fixture"))?;
    let product = fixture.new_product();
    fixture.desktop.switch_display("1024x768x8")?;
    let wizard = fixture.programs.path("latchkey-wizard");
    let mut command = fixture.desktop.command(&wizard.to_string_lossy());
    command.arg("--product").arg(product.kit.config()).stderr(Stdio::piped());
    let wizard = command.spawn().context("the wizard doesn't start")?;
    fixture.desktop.wait_for_window("Acme CAD")?;
    fixture.desktop.close_window("Acme CAD")?;
    let ended = wizard.wait_with_output()?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.code() == Some(1), "{:?}", ended.status);
    ensure!(said.contains("8 bits"), "{said}");
    Ok(())
}

#[test]
fn wrong_arguments_exit_with_2_and_show_a_window_without_a_terminal() -> Result<()> {
    let fixture = WizardFixture::set_up(&folder("wrong-arguments")?.join("fixture"))?;
    let wizard = fixture.programs.path("latchkey-wizard");
    let mut command = fixture.desktop.command(&wizard.to_string_lossy());
    let clicked = command.arg("--no-such-option").stderr(Stdio::piped()).spawn()?;
    fixture.desktop.wait_for_window("latchkey-wizard")?;
    fixture.desktop.close_window("latchkey-wizard")?;
    let ended = clicked.wait_with_output()?;
    ensure!(ended.status.code() == Some(2), "{:?}", ended.status);
    ensure!(String::from_utf8_lossy(&ended.stderr).contains("Usage:"), "no usage");

    // On a terminal nothing has to be closed.
    let typed = format!("{} --no-such-option", wizard.display());
    let ended = fixture.desktop.command("script").args(["-qec", &typed, "/dev/null"]).output()?;
    let said = String::from_utf8_lossy(&ended.stdout);
    ensure!(ended.status.code() == Some(2) && said.contains("Usage:"), "{said}");
    Ok(())
}

#[test]
fn version_and_help_that_cannot_be_written_end_with_an_error() -> Result<()> {
    let wizard = Programs::find()?.path("latchkey-wizard");
    for option in ["--version", "--help"] {
        let run = |redirection: &str| {
            let script = format!("exec \"$@\" {redirection}");
            let mut command = Command::new("sh");
            command.args(["-c", &script, "sh"]).arg(&wizard).arg(option).env("LC_ALL", "C");
            command.output()
        };
        let written = run("")?;
        ensure!(written.status.success() && !written.stdout.is_empty(), "{written:?}");
        for closed in [">&-", "1</dev/null"] {
            let ended = run(closed)?;
            let said = String::from_utf8_lossy(&ended.stderr);
            ensure!(ended.status.code() == Some(5), "{closed}: {ended:?}");
            ensure!(said.contains("standard output: it is closed"), "{closed}: {said}");
        }
    }
    Ok(())
}
