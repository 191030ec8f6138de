//! Runs one command of the command line. Each group of subcommands has a module of its own;
//! `token` has the commands that take a text with tokens.

mod audit;
mod backup;
mod clock;
mod code;
mod entitlement;
mod init;
mod key;
mod kit;
mod notice;
mod operator;
mod package;
mod passphrase;
mod policy;
mod product;
mod seat;
mod token;

use std::ffi::OsString;

use latchkey_console::Exit;
use latchkey_issuer::{Choices, EntitlementTerms, GivenAt, GivenCode, Issuer, NewCode};
use latchkey_portal::BehindProxy;
use latchkey_server_core::{activation_code, now};
use latchkey_token::{ActivationCode, HasErrorCode, SeatId};

use crate::cli::{Arguments, Command};
use crate::error::{CommandError, ServerError};
use crate::output::Output;
use crate::{cli, input, serve};

/// Runs a command and returns its exit status.
pub(crate) fn run(arguments: Arguments, output: &mut Output) -> Result<Exit, ServerError> {
    let data = &arguments.data;
    let passphrase = || passphrase::passphrase(arguments.passphrase_file.as_deref());
    let json = output.is_json();
    let issuer = || {
        let mut issuer = Issuer::open_sealed(data, passphrase()?, now()?)?;
        issuer.set_uptime(latchkey_uptime::read());
        key::tell_unread_keys(&issuer, json);
        Ok::<_, ServerError>(issuer)
    };
    match arguments.command {
        Command::Version => {
            output.report(latchkey_console::version::<Arguments>().trim_end());
        }
        Command::Init { vendor } => {
            let passphrase = passphrase()?;
            let fit = |given| passphrase::fit_for_sealing(given, CommandError::PassphraseNotGiven);
            let passphrase = passphrase.map(fit).transpose()?;
            init::init(data, &vendor, passphrase, output, now()?)?
        }
        Command::Package(arguments) => package::write_packages(&arguments, output)?,
        Command::Documents { out } => package::write_completions_and_manuals(&out, output)?,
        Command::Product(cli::ProductCommand::Add { name, feature }) => {
            product::add_product(&mut issuer()?, &name, &feature, output, now()?)?;
        }
        Command::Product(cli::ProductCommand::List) => {
            product::list_products(&mut issuer()?, output)?
        }
        Command::Entitlement(cli::EntitlementCommand::Add { product, seats, terms }) => {
            let terms =
                EntitlementTerms { seats: Some(seats), ..entitlement::read_terms(terms, output)? };
            entitlement::add_entitlement(&mut issuer()?, product, terms, output, now()?)?;
        }
        Command::Entitlement(cli::EntitlementCommand::Set { id, seats, terms }) => {
            let terms = EntitlementTerms { seats, ..entitlement::read_terms(terms, output)? };
            entitlement::set_entitlement(&mut issuer()?, parse(&id)?, &terms, output, now()?)?;
        }
        Command::Entitlement(cli::EntitlementCommand::End { id }) => {
            entitlement::end_entitlement(&mut issuer()?, parse(&id)?, output, now()?)?;
        }
        Command::Entitlement(cli::EntitlementCommand::List) => {
            entitlement::list_entitlements(&mut issuer()?, output, now()?)?;
        }
        Command::Code(cli::CodeCommand::Add { entitlement, code, allow_weak_code }) => {
            let code = match code {
                Some(code) => activation_code(&input::code(&code, output)?, allow_weak_code)?,
                None => NewCode::generate()?,
            };
            code::add_code(&mut issuer()?, parse(&entitlement)?, &code, output, now()?)?;
        }
        Command::Code(cli::CodeCommand::Disable { code }) => {
            let code: ActivationCode = parse(&input::code(&code, output)?)?;
            code::disable_code(&mut issuer()?, &code, output, now()?)?;
        }
        Command::Kit { product, out, portal, store } => {
            kit::write_kit(
                &mut issuer()?,
                product,
                &out,
                portal.as_deref(),
                store.policy(),
                output,
            )?;
        }
        Command::Activate { files, take_over, code } => {
            let take_over = take_over.as_deref().map(parse::<SeatId>).transpose()?;
            let is_input = |file: &OsString| file == "-";
            if code.as_deref() == Some("-") && (files.is_empty() || files.iter().any(is_input)) {
                let reason = "--code - and the request can't both come from standard input";
                return Err(CommandError::Usage { reason: reason.to_owned() }.into());
            }
            let code = code.map(|code| input::code(&code, output)).transpose()?;
            let code = code.map(|code| parse::<ActivationCode>(&code)).transpose()?;
            let code = code.map(|code| GivenCode { code, place: GivenAt::CommandLine });
            let choices = Choices { take_over, code };
            return token::activate(&mut issuer()?, output, &files, &choices);
        }
        Command::Refresh { seats } => {
            let seats = seats.iter().map(|seat| parse(seat)).collect::<Result<Vec<SeatId>, _>>()?;
            match seats[..] {
                [seat] => seat::refresh(&mut issuer()?, seat, output, now()?)?,
                _ => return Ok(seat::refresh_each(&mut issuer()?, &seats, output, now()?)),
            }
        }
        Command::Deactivate { files } => {
            return token::deactivate(&mut issuer()?, output, &files);
        }
        Command::Inspect { files } => {
            return token::inspect(&mut issuer()?, output, &files);
        }
        Command::Seats { code } => {
            let code = code.map(|code| parse(&input::code(&code, output)?)).transpose()?;
            seat::list_seats(&mut issuer()?, code.as_ref(), output, now()?)?;
        }
        Command::Seat(cli::SeatCommand::Release { seat, now: at_once }) => {
            seat::release(&mut issuer()?, parse(&seat)?, at_once, output, now()?)?;
        }
        Command::Audit => audit::audit(&mut issuer()?, output)?,
        Command::Notice(cli::NoticeCommand::List) => {
            notice::list_notices(&mut issuer()?, output, now()?)?;
        }
        Command::Notice(cli::NoticeCommand::Dismiss { seat: Some(seat), .. }) => {
            notice::dismiss_notice(&mut issuer()?, parse(&seat)?, output, now()?)?;
        }
        Command::Notice(cli::NoticeCommand::Dismiss { entitlement, .. }) => {
            let id = parse(&entitlement.unwrap_or_default())?;
            notice::dismiss_returns(&mut issuer()?, id, output, now()?)?;
        }
        Command::Policy { early_returns } => {
            policy::policy(&mut issuer()?, early_returns, output, now()?)?;
        }
        Command::Clock { what } => {
            let confirm = matches!(what, Some(cli::ClockCommand::Confirm));
            return clock::clock(&mut issuer()?, confirm, output, now()?);
        }
        Command::Key(cli::KeyCommand::Seal { new_passphrase_file }) => {
            key::seal(data, passphrase()?, &new_passphrase_file, output, now()?)?;
        }
        Command::Key(cli::KeyCommand::List) => key::list_keys(&mut issuer()?, output)?,
        Command::Key(cli::KeyCommand::Rotate) => key::rotate(&mut issuer()?, output, now()?)?,
        Command::Operator(operator) => operator::run(operator, &mut issuer()?, output, now()?)?,
        Command::Backup { out } => backup::back_up(&issuer()?, &out, output)?,
        Command::Restore { from } => {
            backup::restore(&from, data, passphrase()?, output, now()?)?;
        }
        Command::Serve(cli::Serve { listen, look, behind_proxy }) => {
            let behind_proxy = match behind_proxy {
                None => BehindProxy::Nobody,
                Some(None) => BehindProxy::Everybody,
                Some(Some(proxy)) => BehindProxy::Only(proxy),
            };
            let settings = serve::Settings { listen, look, behind_proxy };
            serve::run(issuer()?, &settings, output)?;
        }
    }
    Ok(Exit::Done)
}

/// Reads a value; what is wrong with it is a mistake in the call.
fn parse<T: std::str::FromStr<Err: HasErrorCode>>(text: &str) -> Result<T, ServerError> {
    text.parse().map_err(|error: T::Err| ServerError::usage(&error))
}
