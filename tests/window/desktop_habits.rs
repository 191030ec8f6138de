//! Integration with the desktop: text size and motion settings, a window manager, the system's file
//! dialogs, and the keyring's password prompt.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use latchkey_e2e_support::{
    Clock, Desktop, KEYRING_PASSWORD, NewProduct, Opening, Session, Window, WizardFixture,
    request_in_window,
};

use crate::single_instance::start_again;
use crate::{accessibility, folder};

#[test]
fn text_follows_the_text_size_of_the_desktop() -> Result<()> {
    let folder = folder("text-size")?;
    let mut fixture = WizardFixture::set_up(&folder.join("fixture"))?;
    let product = fixture.new_product();
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    // The scale of the text, and the width of the new window.
    let opened = |percent: u32| -> Result<(f64, f64)> {
        fixture.desktop.scale_text(percent)?;
        let window = driver.open(&product.kit.config(), Clock::NOW)?;
        window.wait_for_screen("home")?;
        window.screenshot(&folder.join(format!("text of {percent} %.png")))?;
        let found = accessibility::layout_problems(&window)?;
        ensure!(found.is_empty(), "what doesn't fit:\n{}", found.join("\n"));
        let width = |name: &str| -> Result<f64> {
            window.value(&format!("return {name}"), &[])?.as_f64().context("no number")
        };
        let opened = (width("outerWidth / innerWidth")?, width("outerWidth")?);
        window.close()?;
        Ok(opened)
    };
    ensure!(opened(100)? == (1.0, 760.0), "the window doesn't open as usual");
    ensure!(opened(200)? == (2.0, 1520.0), "text of 200 % isn't twice as large, or has no room");
    Ok(())
}

#[test]
fn reduced_motion_of_the_desktop_is_respected() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("less-motion")?.join("fixture"))?;
    let product = fixture.new_product();
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let moving = |opening: &Opening| -> Result<(bool, u64)> {
        let window = driver.open_with(&product.kit.config(), opening)?;
        window.wait_for_screen("home")?;
        let reduced =
            window.value("return matchMedia('(prefers-reduced-motion: reduce)').matches", &[])?;
        let moving = window.value(
            "return [...document.querySelectorAll('*')].filter((one) => { \
               const { transitionDuration, animationName } = getComputedStyle(one); \
               return transitionDuration.split(', ').some((time) => time !== '0s') || animationName !== 'none'; \
             }).length",
            &[],
        )?;
        window.close()?;
        Ok((reduced == true, moving.as_u64().context("no number")?))
    };
    let (reduced, still) = moving(&fixture.less_motion(Opening::default())?)?;
    ensure!(reduced, "the window doesn't report reduced motion");
    ensure!(still == 0, "{still} elements move although reduced motion is set");
    let (reduced, moving) = moving(&Opening::default())?;
    ensure!(!reduced && moving > 0, "this test can't detect motion");
    Ok(())
}

#[test]
fn a_second_start_raises_the_first_window_even_if_minimised() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("forward")?.join("fixture"))?;
    let (one, other) = (fixture.new_product(), fixture.new_product());
    let _manager = fixture.desktop.start_window_manager()?;
    let here = fixture.path("");
    let (first_driver, second_driver) = (
        Session::start(&fixture.programs, &fixture.desktop)?,
        Session::start(&fixture.programs, &fixture.desktop)?,
    );
    let first = first_driver.open(&one.kit.config(), Clock::NOW)?;
    first.wait_for_screen("home")?;
    let second = second_driver.open(&other.kit.config(), Clock::NOW)?;
    second.wait_for_screen("home")?;
    fixture.desktop.wait_until_active("Acme CAD 2")?;

    start_again(&fixture, &one.kit.config(), &here, &[])?;
    fixture.desktop.wait_until_active("Acme CAD: ")?;
    start_again(&fixture, &other.kit.config(), &here, &[])?;
    fixture.desktop.wait_until_active("Acme CAD 2: ")?;

    fixture.desktop.minimise("Acme CAD: ")?;
    start_again(&fixture, &one.kit.config(), &here, &[])?;
    fixture.desktop.wait_until_active("Acme CAD: ")?;
    second.close()?;
    first.close()
}

#[test]
fn tokens_are_saved_and_opened_with_the_native_dialogs() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("dialogs")?.join("fixture"))?;
    let product = fixture.new_product();
    let _manager = fixture.desktop.start_window_manager()?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&product.kit.config(), Clock::NOW)?;
    let request = request_in_window(&window, product.entitlement.code(), "Drawing office")?;

    // A folder in which not even an administrator can create a file.
    save_as(&fixture, &window, "/sys/request.txt")?;
    window.wait_for_value("error", "data-code", "wizard.file_not_written")?;
    // The dialog is cancelled: no message, and no file.
    window.click("save")?;
    fixture.desktop.wait_for_dialog()?;
    fixture.desktop.press_keys(&["Escape"])?;
    fixture.desktop.wait_for_no_dialog()?;
    ensure!(!window.has("saved")?, "it is reported as saved although the dialog was cancelled");
    let file = fixture.path("stick/the request.txt");
    fs::create_dir_all(fixture.path("stick"))?;
    save_as(&fixture, &window, &file.to_string_lossy())?;
    window.wait_for("saved")?;
    ensure!(fs::read_to_string(&file)?.trim_end() == request, "something else was saved");

    let response = fixture.path("stick/the response.txt");
    fs::write(&response, fixture.vendor.response_to(&request))?;
    window.click("have-response")?;
    open(&fixture, &window, &fixture.path("stick/the request.txt").to_string_lossy())?;
    window.wait_for_value("error", "data-code", "token.wrong_kind")?;
    open(&fixture, &window, &response.to_string_lossy())?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "activated")?;
    window.close()
}

fn save_as(fixture: &WizardFixture, window: &Window, path: &str) -> Result<()> {
    window.click("save")?;
    fixture.desktop.answer_file_dialog(path)
}

fn open(fixture: &WizardFixture, window: &Window, path: &str) -> Result<()> {
    window.click("open-file")?;
    fixture.desktop.answer_file_dialog(path)
}

/// A program that ran under `sudo` created the folder of the licence.
#[test]
fn the_command_that_repairs_a_folder_owned_by_root_can_be_copied() -> Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    const USER: u32 = 12_345;
    let user = fs::metadata("/proc/self")?.uid();
    assert_eq!(user, 0, "NOT TESTED: only root can do what is tried here");
    let pictures = folder("left-behind")?;
    let mut fixture = WizardFixture::set_up(&pictures.join("fixture"))?;
    let product = fixture.new_product();
    // Outside the workspace, whose folders that user may not be allowed to enter.
    let home = tempfile::tempdir()?;
    let (share, runtime) = (home.path().join(".local/share"), home.path().join("runtime"));
    fs::create_dir_all(&share)?;
    fs::create_dir(&runtime)?;
    fs::set_permissions(&share, fs::Permissions::from_mode(0o700))?;
    for folder in [home.path(), &runtime] {
        chown(folder, Some(USER), Some(USER))?;
    }
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700))?;
    let config = home.path().join("latchkey.toml");
    fs::copy(product.kit.config(), &config)?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let mut opening = Opening::default().with_env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    for (name, folder) in [
        ("HOME", home.path().to_owned()),
        ("XDG_RUNTIME_DIR", runtime),
        ("XDG_DATA_HOME", share.clone()),
        ("XDG_CONFIG_HOME", home.path().join(".config")),
        ("XDG_CACHE_HOME", home.path().join(".cache")),
    ] {
        opening = opening.with_env(name, &folder.to_string_lossy());
    }
    opening.user = Some(USER);
    let window = driver.open_with(&config, &opening)?;
    window.wait_for_screen("store-problem")?;
    window.wait_for_value("error", "data-code", "store.permission")?;
    window.click("copy-command")?;
    window.wait_for("copied")?;
    window.screenshot(&pictures.join("copied.png"))?;
    let command = format!("sudo chown -R \"$(id -u)\" '{}'", share.display());
    ensure!(window.text("error-action")?.contains(&command), "another command is named");
    ensure!(fixture.desktop.clipboard().as_deref() == Some(&command), "something else was copied");

    // The effect of the command, after which the button works.
    chown(&share, Some(USER), Some(USER))?;
    window.click("try-again")?;
    window.wait_for_selector("[data-screen=home], [data-testid=error][data-code^='store.no_']")?;
    window.kill()
}

#[test]
fn the_window_waits_while_the_keyring_asks_for_its_password() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("keyring-asks")?.join("fixture"))?;
    let product = fixture.new_product();
    let home = fixture.path("another session");
    drop({
        let mut session = Desktop::without_keyring(&home)?;
        session.unlock_keyring()?;
        session
    });
    let mut session = Desktop::without_keyring(&home)?;
    session.start_keyring()?;
    let _manager = fixture.desktop.start_window_manager()?;
    let _prompter = fixture.desktop.start_prompter(session.bus())?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let opening = Opening::default().with_env("DBUS_SESSION_BUS_ADDRESS", session.bus());

    // The prompt is first dismissed and then answered.
    let window = open_keyring_prompt(&fixture, &driver, &product, &opening)?;
    fixture.desktop.press_keys(&["Escape"])?;
    window.wait_for_value("error", "data-code", "store.denied")?;
    window.close()?;
    let window = open_keyring_prompt(&fixture, &driver, &product, &opening)?;
    fixture.desktop.type_text(KEYRING_PASSWORD)?;
    fixture.desktop.press_keys(&["Return"])?;
    window.wait_for_selector("[data-screen=home], [data-screen=activate-request]")?;
    window.close()
}

/// Opens the wizard and proceeds until the keyring asks for its password: when it reads the
/// licence, or at the latest when it stores the request.
fn open_keyring_prompt(
    fixture: &WizardFixture,
    driver: &Session<'_>,
    product: &NewProduct,
    opening: &Opening,
) -> Result<Window> {
    let window = driver.open_with(&product.kit.config(), opening)?;
    window.wait_for_selector("[data-testid=activate], [data-screen=loading] [role=status]")?;
    if window.has("activate")? {
        window.click("activate")?;
        window.put("code", product.entitlement.code())?;
        window.click("next")?;
    }
    fixture.desktop.wait_until_active("Unlock Login Keyring")?;
    Ok(window)
}
