//! The commands that aren't about a text with tokens.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::time::SystemTime;

use latchkey_issuer::{
    AuditRow, Choices, Entitlement, EntitlementId, EntitlementTerms, FeatureType, GivenAt,
    GivenCode, Issuer, NewCode, Passphrase, Product, Refreshed, Seat, Update,
};
use latchkey_lease::Interval;
use latchkey_lease::Timestamp;
use latchkey_lease::time::{from_system, to_rfc3339};
use latchkey_token::{ActivationCode, ErrorArg, FeatureValue, HasErrorCode, SeatId};
use latchkey_words::text;
use serde_json::{Map, Value, json};

use crate::cli::{self, Arguments, Command, Store, Terms};
use crate::error::{DONE, InputError, MACHINE, ServerError};
use crate::output::{
    Output, display_name, error_value, not_set, table, time_cell, time_detail, time_value,
};
use crate::{input, kit, serve, tokens, upkeep};

/// The one place that reads the clock: when everything was read that is waited for.
pub(crate) fn clock() -> Result<Timestamp, ServerError> {
    usable(SystemTime::now())
}

/// The same, and how long the machine has been running, which the issuer judges the clock by.
pub(crate) fn ready(issuer: &mut Issuer) -> Result<Timestamp, ServerError> {
    issuer.set_uptime(latchkey_uptime::read());
    clock()
}

/// A time between 1970 and what can be written down.
fn usable(time: SystemTime) -> Result<Timestamp, ServerError> {
    from_system(time)
        .filter(|time| *time >= Timestamp::UNIX_EPOCH)
        .ok_or_else(|| InputError::Clock.into())
}

/// Runs a command and gives its exit status.
pub(crate) fn run(arguments: Arguments, output: &mut Output) -> Result<u8, ServerError> {
    let data = &arguments.data;
    let passphrase = || upkeep::passphrase(arguments.passphrase_file.as_deref());
    let json = output.is_json();
    let issuer = || {
        let mut issuer = Issuer::open_sealed(data, passphrase()?, clock()?)?;
        issuer.set_uptime(latchkey_uptime::read());
        upkeep::tell_unread_keys(&issuer, json);
        Ok::<_, ServerError>(issuer)
    };
    match arguments.command {
        Command::Version => {
            output
                .report(<Arguments as clap::CommandFactory>::command().render_version().trim_end());
        }
        Command::Init { vendor } => {
            let passphrase = passphrase()?;
            let fit = |given| upkeep::fit_for_sealing(given, InputError::PassphraseNotGiven);
            let passphrase = passphrase.map(fit).transpose()?;
            init(data, &vendor, passphrase, output, clock()?)?
        }
        Command::Product(cli::ProductCommand::Add { name, feature }) => {
            add_product(&mut issuer()?, &name, &feature, output, clock()?)?;
        }
        Command::Product(cli::ProductCommand::List) => list_products(&mut issuer()?, output)?,
        Command::Entitlement(cli::EntitlementCommand::Add { product, seats, terms }) => {
            let terms = EntitlementTerms { seats: Some(seats), ..read_terms(&terms, output)? };
            add_entitlement(&mut issuer()?, product, terms, output, clock()?)?;
        }
        Command::Entitlement(cli::EntitlementCommand::Set { id, seats, terms }) => {
            let terms = EntitlementTerms { seats, ..read_terms(&terms, output)? };
            set_entitlement(&mut issuer()?, parse(&id)?, &terms, output, clock()?)?;
        }
        Command::Entitlement(cli::EntitlementCommand::End { id }) => {
            end_entitlement(&mut issuer()?, parse(&id)?, output, clock()?)?;
        }
        Command::Entitlement(cli::EntitlementCommand::List) => {
            list_entitlements(&mut issuer()?, output, clock()?)?;
        }
        Command::Code(cli::CodeCommand::Add { entitlement, code, allow_weak_code }) => {
            let code = match code {
                Some(code) => chosen(&input::code(&code, output)?, allow_weak_code)?,
                None => NewCode::generate()?,
            };
            add_code(&mut issuer()?, parse(&entitlement)?, &code, output, clock()?)?;
        }
        Command::Code(cli::CodeCommand::Disable { code }) => {
            let code: ActivationCode = parse(&input::code(&code, output)?)?;
            disable_code(&mut issuer()?, &code, output, clock()?)?;
        }
        Command::Kit { product, out, portal, store } => {
            write_kit(&mut issuer()?, product, &out, portal.as_deref(), store, output)?;
        }
        Command::Activate { files, take_over, code } => {
            let take_over = take_over.as_deref().map(parse::<SeatId>).transpose()?;
            let is_input = |file: &OsString| file == "-";
            if code.as_deref() == Some("-") && (files.is_empty() || files.iter().any(is_input)) {
                let reason = "--code - and the request can't both come from standard input";
                return Err(InputError::Usage { reason: reason.to_owned() }.into());
            }
            let code = code.map(|code| input::code(&code, output)).transpose()?;
            let code = code.map(|code| parse::<ActivationCode>(&code)).transpose()?;
            let code = code.map(|code| GivenCode { code, place: GivenAt::CommandLine });
            let choices = Choices { take_over, code };
            return tokens::activate(&mut issuer()?, output, &files, &choices);
        }
        Command::Refresh { seats } => {
            let seats = seats.iter().map(|seat| parse(seat)).collect::<Result<Vec<SeatId>, _>>()?;
            match seats[..] {
                [seat] => refresh(&mut issuer()?, seat, output, clock()?)?,
                _ => return Ok(refresh_each(&mut issuer()?, &seats, output, clock()?)),
            }
        }
        Command::Deactivate { files } => {
            return tokens::deactivate(&mut issuer()?, output, &files);
        }
        Command::Inspect { files } => {
            return tokens::inspect(&mut issuer()?, output, &files);
        }
        Command::Seats { code } => {
            let code = code.map(|code| parse(&input::code(&code, output)?)).transpose()?;
            list_seats(&mut issuer()?, code.as_ref(), output, clock()?)?;
        }
        Command::Seat(cli::SeatCommand::Release { seat, now: at_once }) => {
            release(&mut issuer()?, parse(&seat)?, at_once, output, clock()?)?;
        }
        Command::Audit => audit(&mut issuer()?, output)?,
        Command::Notice(cli::NoticeCommand::List) => {
            upkeep::list_notices(&mut issuer()?, output, clock()?)?;
        }
        Command::Notice(cli::NoticeCommand::Dismiss { seat: Some(seat), .. }) => {
            upkeep::dismiss_notice(&mut issuer()?, parse(&seat)?, output, clock()?)?;
        }
        Command::Notice(cli::NoticeCommand::Dismiss { entitlement, .. }) => {
            let id = parse(&entitlement.unwrap_or_default())?;
            upkeep::dismiss_returns(&mut issuer()?, id, output, clock()?)?;
        }
        Command::Policy { early_returns } => {
            upkeep::policy(&mut issuer()?, early_returns, output, clock()?)?;
        }
        Command::Clock { what } => {
            let confirm = matches!(what, Some(cli::ClockCommand::Confirm));
            return upkeep::clock(&mut issuer()?, confirm, output, clock()?);
        }
        Command::Key(cli::KeyCommand::Seal { new_passphrase_file }) => {
            upkeep::seal(data, passphrase()?, &new_passphrase_file, output, clock()?)?;
        }
        Command::Key(cli::KeyCommand::List) => upkeep::list_keys(&mut issuer()?, output)?,
        Command::Key(cli::KeyCommand::Rotate) => upkeep::rotate(&mut issuer()?, output, clock()?)?,
        Command::Operator(operator) => run_operator(operator, &mut issuer()?, output, clock()?)?,
        Command::Backup { out } => upkeep::back_up(&issuer()?, &out, output)?,
        Command::Restore { from } => {
            upkeep::restore(&from, data, passphrase()?, output, clock()?)?;
        }
        Command::Serve(cli::Serve { listen, look, behind_proxy }) => {
            let behind_proxy = match behind_proxy {
                None => serve::BehindProxy::Nobody,
                Some(None) => serve::BehindProxy::Everybody,
                Some(Some(proxy)) => serve::BehindProxy::Only(proxy),
            };
            let settings = serve::Settings { listen, look, behind_proxy };
            serve::run(issuer()?, &settings, output)?;
        }
    }
    Ok(DONE)
}

fn run_operator(
    operator: cli::OperatorCommand,
    issuer: &mut Issuer,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    match operator {
        cli::OperatorCommand::Add { name, from } => {
            upkeep::operator_passphrase(issuer, &name, &from, true, output, now)
        }
        cli::OperatorCommand::Passphrase { name, from } => {
            upkeep::operator_passphrase(issuer, &name, &from, false, output, now)
        }
        cli::OperatorCommand::SecondFactor { name, off } => {
            upkeep::second_factor(issuer, &name, off, output, now)
        }
        cli::OperatorCommand::Remove { name } => {
            upkeep::remove_operator(issuer, &name, output, now)
        }
        cli::OperatorCommand::List => upkeep::list_operators(issuer, output),
    }
}

/// Reads a value; what is wrong with it is a mistake in the call.
fn parse<T: std::str::FromStr<Err: HasErrorCode>>(text: &str) -> Result<T, ServerError> {
    text.parse().map_err(|error: T::Err| ServerError::usage(&error))
}

fn key_value(text: &str) -> Result<(String, String), ServerError> {
    match text.split_once('=') {
        Some((key, value)) => Ok((key.trim().to_owned(), value.trim().to_owned())),
        None => Err(InputError::KeyValue { text: text.to_owned() }.into()),
    }
}

/// Reads an option that changes a term; `none` removes the term.
fn update<T>(
    text: Option<&str>,
    read: impl FnOnce(&str) -> Result<T, ServerError>,
) -> Result<Update<T>, ServerError> {
    match text {
        None => Ok(Update::Keep),
        Some("none") => Ok(Update::Clear),
        Some(text) => read(text).map(Update::Set),
    }
}

pub(crate) fn read_terms(terms: &Terms, output: &Output) -> Result<EntitlementTerms, ServerError> {
    let time = |text: &str| {
        latchkey_lease::read_end(text, clock()?)
            .filter(|time| *time > Timestamp::UNIX_EPOCH)
            .ok_or_else(|| InputError::Time { text: text.to_owned() }.into())
    };
    let every = |text: &str| {
        text.parse().map_err(|_| InputError::RequestEvery { text: text.to_owned() }.into())
    };
    let mut features = BTreeMap::new();
    for feature in &terms.feature {
        let (key, value) = key_value(feature)?;
        features.insert(key, Some(value).filter(|value| value != "none"));
    }
    let mut attributes = BTreeMap::new();
    for attribute in &terms.attribute {
        let (key, value) = key_value(attribute)?;
        attributes.insert(key, Some(value).filter(|value| !value.is_empty()));
    }
    let mut codes = Vec::new();
    for code in &terms.code {
        codes.push(chosen(&input::code(code, output)?, terms.allow_weak_code)?);
    }
    Ok(EntitlementTerms {
        seats: None,
        overdraft: terms.overdraft,
        customer: update(terms.customer.as_deref(), |text| Ok(text.to_owned()))?,
        offline_lease: update(terms.offline_lease.as_deref(), parse::<Interval>)?,
        subscription_end: update(terms.subscription_end.as_deref(), time)?,
        grace: update(terms.grace.as_deref(), parse::<Interval>)?,
        request_every: update(terms.request_every.as_deref(), every)?,
        features,
        attributes,
        codes,
    })
}

/// A code that the vendor chose. One that can be guessed is taken only from somebody who says so.
pub(crate) fn chosen(text: &str, weak: bool) -> Result<NewCode, ServerError> {
    let code = NewCode::custom(text)?;
    match code.is_weak() && !weak {
        true => Err(weak_code(&code).into()),
        false => Ok(code),
    }
}

pub(crate) fn weak_code(code: &NewCode) -> InputError {
    InputError::WeakCode { masked: code.code.masked(), symbols: code.code.symbols() }
}

fn init(
    data: &Path,
    name: &str,
    passphrase: Option<Passphrase>,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let issuer = Issuer::set_up_sealed(data, name, passphrase, latchkey_uptime::read(), now)?;
    let vendor = issuer.vendor();
    let keys: Vec<_> = vendor.keys.iter().map(|keys| keys.id().to_string()).collect();
    let folder = data.display().to_string();
    if output.is_json() {
        output.document(&json!({
            "vendor_id": vendor.id.to_string(),
            "name": vendor.name,
            "data": folder,
            "keys": keys,
        }));
        return Ok(());
    }
    let key = |index: usize| ErrorArg::from(keys.get(index).map_or("", String::as_str));
    output.say(
        "server-init",
        &[
            ("name", vendor.name.as_str().into()),
            ("folder", folder.as_str().into()),
            ("id", vendor.id.to_string().into()),
            ("active", key(0)),
            ("spare", key(1)),
        ],
    );
    let spare = data.join("keys").join("spare.key").display().to_string();
    output.say("server-init-next", &[("file", spare.into())]);
    Ok(())
}

/// Features with their types, each as `KEY=bool|pool|count`.
pub(crate) fn typed_features(
    features: &[String],
) -> Result<Vec<(String, FeatureType)>, ServerError> {
    let mut typed = Vec::new();
    for feature in features {
        let (key, kind) = key_value(feature)?;
        let kind = FeatureType::from_name(&kind).ok_or(InputError::FeatureType { text: kind })?;
        typed.push((key, kind));
    }
    Ok(typed)
}

fn add_product(
    issuer: &mut Issuer,
    name: &str,
    features: &[String],
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let number = issuer.add_product(name, &typed_features(features)?, now)?;
    let product = issuer.product(number)?;
    if output.is_json() {
        output.document(&product_value(&product));
    } else {
        output.say(
            "server-product-added",
            &[("product", number.to_string().into()), ("name", product.name.as_str().into())],
        );
    }
    Ok(())
}

fn product_value(product: &Product) -> Value {
    let features: Map<_, _> = product
        .features
        .iter()
        .map(|f| (f.key.clone(), json!({ "number": f.number, "type": f.kind.name() })))
        .collect();
    json!({ "product": product.number, "name": product.name, "features": features })
}

fn list_products(issuer: &mut Issuer, output: &mut Output) -> Result<(), ServerError> {
    let products = issuer.products()?;
    if output.is_json() {
        let products: Vec<_> = products.iter().map(product_value).collect();
        output.document(&json!({ "products": products }));
        return Ok(());
    }
    let rows: Vec<_> = products
        .iter()
        .map(|product| {
            let features = product.features.iter().map(|f| format!("{}={}", f.key, f.kind.name()));
            vec![
                product.number.to_string(),
                product.name.clone(),
                or_none(features.collect::<Vec<_>>().join(" ")),
            ]
        })
        .collect();
    table(output, &["server-column-number", "server-column-name", "server-column-features"], &rows);
    Ok(())
}

fn or_none(text: String) -> String {
    if text.is_empty() { not_set() } else { text }
}

/// Says which codes are easily guessed, and which will be in doubt wherever they are typed, once they are there, and
/// gives the warnings for the document.
fn warn_about(codes: &[NewCode], output: &Output) -> Value {
    let weak = codes.iter().filter(|code| code.is_weak());
    let weak = weak.map(|code| latchkey_words::explain(&weak_code(code)));
    let doubted = codes.iter().filter_map(|code| code.code.doubt());
    weak.chain(doubted.map(|doubt| latchkey_words::explain(&doubt)))
        .map(|words| {
            output.warn(&words);
            error_value(&words)
        })
        .collect()
}

fn add_entitlement(
    issuer: &mut Issuer,
    product: u32,
    mut terms: EntitlementTerms,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    if terms.codes.is_empty() {
        terms.codes.push(NewCode::generate()?);
    }
    let id = issuer.add_entitlement(product, &terms, now)?;
    let warnings = warn_about(&terms.codes, output);
    let codes: Vec<_> = terms.codes.iter().map(NewCode::written).collect();
    if output.is_json() {
        output.document(&json!({
            "entitlement_id": id.to_string(),
            "codes": codes,
            "warnings": warnings,
        }));
        return Ok(());
    }
    output.say(
        "server-entitlement-added",
        &[("entitlement", id.to_string().into()), ("product", product.to_string().into())],
    );
    for code in codes {
        output.give("server-code", &[("code", code.into())]);
    }
    Ok(())
}

fn set_entitlement(
    issuer: &mut Issuer,
    id: EntitlementId,
    terms: &EntitlementTerms,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    issuer.change_entitlement(id, terms, now)?;
    let warnings = warn_about(&terms.codes, output);
    let entitlement = issuer.entitlement(id, now)?;
    if output.is_json() {
        let product = issuer.product(entitlement.product)?;
        let mut document = entitlement_value(&entitlement, Some(&product));
        document["warnings"] = warnings;
        output.document(&document);
    } else {
        output.say("server-entitlement-changed", &[("entitlement", id.to_string().into())]);
    }
    Ok(())
}

fn end_entitlement(
    issuer: &mut Issuer,
    id: EntitlementId,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    issuer.end_entitlement(id, now)?;
    if output.is_json() {
        output.document(&json!({ "entitlement_id": id.to_string(), "state": "ended" }));
    } else {
        output.say("server-entitlement-ended", &[("entitlement", id.to_string().into())]);
    }
    Ok(())
}

pub(crate) fn feature_parts(
    entitlement: &Entitlement,
    product: Option<&Product>,
) -> Vec<(String, String, Value)> {
    let of = |number: &u32| product?.features.iter().find(|feature| feature.number == *number);
    entitlement
        .features
        .iter()
        .map(|(number, value)| {
            let (key, kind) = of(number)
                .map_or_else(|| (number.to_string(), ""), |f| (f.key.clone(), f.kind.name()));
            let value = match value {
                FeatureValue::Bool(value) => (*value).into(),
                FeatureValue::Number(value) => (*value).into(),
            };
            (key, kind.to_owned(), value)
        })
        .collect()
}

fn entitlement_value(entitlement: &Entitlement, product: Option<&Product>) -> Value {
    let features: Map<_, _> = feature_parts(entitlement, product)
        .into_iter()
        .map(|(key, kind, value)| (key, json!({ "type": kind, "value": value })))
        .collect();
    let codes: Vec<_> = entitlement
        .codes
        .iter()
        .map(|code| json!({ "code": code.written, "disabled": code.disabled }))
        .collect();
    json!({
        "entitlement_id": entitlement.id.to_string(),
        "product": entitlement.product,
        "customer": entitlement.customer,
        "state": if entitlement.ended_at.is_some() { "ended" } else { "live" },
        "seats": entitlement.seats,
        "seats_in_use": entitlement.seats_in_use,
        "overdraft": entitlement.overdraft,
        "offline_lease": entitlement.offline_lease.map(|interval| interval.to_string()),
        "subscription_end": time_value(entitlement.subscription_end),
        "grace": entitlement.grace.map(|interval| interval.to_string()),
        "request_every": entitlement.request_every,
        "features": features,
        "attributes": entitlement.attributes,
        "codes": codes,
        "created_at": time_value(Some(entitlement.created_at)),
        "ended_at": time_value(entitlement.ended_at),
    })
}

fn list_entitlements(
    issuer: &mut Issuer,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let entitlements = issuer.entitlements(now)?;
    let products = issuer.products()?;
    let product = |number: u32| products.iter().find(|product| product.number == number);
    if output.is_json() {
        let all: Vec<_> =
            entitlements.iter().map(|e| entitlement_value(e, product(e.product))).collect();
        output.document(&json!({ "entitlements": all }));
        return Ok(());
    }
    let rows: Vec<_> =
        entitlements.iter().map(|e| entitlement_row(e, product(e.product))).collect();
    let columns = [
        "server-column-entitlement",
        "server-column-state",
        "server-column-product",
        "server-column-customer",
        "server-column-seats",
        "server-column-lease",
        "server-column-grace",
        "server-column-end",
        "server-column-request-every",
        "server-column-features",
        "server-column-codes",
    ];
    table(output, &columns, &rows);
    Ok(())
}

fn entitlement_row(entitlement: &Entitlement, product: Option<&Product>) -> Vec<String> {
    let seats: [(&str, ErrorArg); 3] = [
        ("used", u64::from(entitlement.seats_in_use).into()),
        ("seats", u64::from(entitlement.seats).into()),
        ("overdraft", u64::from(entitlement.overdraft).into()),
    ];
    let seats = match entitlement.overdraft {
        0 => text("server-seats-in-use", &seats),
        _ => text("server-seats-in-use-overdraft", &seats),
    };
    let features = feature_parts(entitlement, product);
    let features: Vec<_> =
        features.into_iter().map(|(key, _, value)| format!("{key}={value}")).collect();
    let codes: Vec<_> = entitlement
        .codes
        .iter()
        .map(|code| match code.disabled {
            true => text("server-code-is-disabled", &[("code", code.written.as_str().into())]),
            false => code.written.clone(),
        })
        .collect();
    let state = if entitlement.ended_at.is_some() { "ended" } else { "live" };
    let interval = |interval: Option<Interval>| interval.map_or_else(not_set, |i| i.to_string());
    vec![
        entitlement.id.to_string(),
        text(&format!("server-state-{state}"), &[]),
        product.map_or_else(|| entitlement.product.to_string(), |p| p.name.clone()),
        entitlement.customer.clone().unwrap_or_else(not_set),
        seats,
        interval(entitlement.offline_lease),
        interval(entitlement.grace),
        time_cell(entitlement.subscription_end),
        entitlement.request_every.map_or_else(not_set, |every| every.to_string()),
        or_none(features.join(" ")),
        or_none(codes.join(" ")),
    ]
}

fn add_code(
    issuer: &mut Issuer,
    id: EntitlementId,
    code: &NewCode,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    issuer.add_code(id, code, now)?;
    let warnings = warn_about(std::slice::from_ref(code), output);
    if output.is_json() {
        output.document(&json!({
            "entitlement_id": id.to_string(),
            "code": code.written(),
            "warnings": warnings,
        }));
    } else {
        output.give("server-code", &[("code", code.written().into())]);
    }
    Ok(())
}

fn disable_code(
    issuer: &mut Issuer,
    code: &ActivationCode,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let id = issuer.disable_code(code, now)?;
    if output.is_json() {
        output.document(&json!({ "entitlement_id": id.to_string(), "code": code.masked() }));
    } else {
        output.say("server-code-disabled", &[("code", code.masked().into())]);
    }
    Ok(())
}

fn write_kit(
    issuer: &mut Issuer,
    product: u32,
    out: &Path,
    portal: Option<&str>,
    store: Store,
    output: &mut Output,
) -> Result<(), ServerError> {
    kit::check(portal, store)?;
    let product = issuer.product(product)?;
    let files = kit::write(issuer.vendor(), &product, portal, store, out)?;
    let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    let folder = out.display().to_string();
    if output.is_json() {
        output.document(&json!({ "product": product.number, "out": folder, "files": files }));
        return Ok(());
    }
    output
        .say("server-kit", &[("product", product.name.as_str().into()), ("folder", folder.into())]);
    for file in files {
        output.line(&file);
    }
    Ok(())
}

fn refresh(
    issuer: &mut Issuer,
    seat: SeatId,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let refreshed = issuer.refresh(seat, now)?;
    match output.is_json() {
        true => {
            // Its fields stand beside the results as well, where programs written for one seat look for them.
            let mut document = refreshed_value(&refreshed);
            document["results"] = json!([refreshed_result(&refreshed)]);
            output.document(&document);
        }
        false => tell_refreshed(&refreshed, output),
    }
    Ok(())
}

/// Several seats: each has its own result.
fn refresh_each(issuer: &mut Issuer, seats: &[SeatId], output: &mut Output, now: Timestamp) -> u8 {
    let mut exit = DONE;
    let mut results = Vec::new();
    // When the database can't be used there is no point in trying it for every seat.
    let mut broken: Option<ServerError> = None;
    for seat in seats {
        let refreshed = match &broken {
            Some(failure) => Err(failure.clone()),
            None => issuer.refresh(*seat, now).map_err(ServerError::from),
        };
        let failure = match refreshed {
            Ok(refreshed) => {
                if !output.is_json() {
                    tell_refreshed(&refreshed, output);
                }
                results.push(refreshed_result(&refreshed));
                continue;
            }
            Err(failure) => failure,
        };
        exit = exit.max(failure.exit);
        if !output.is_json() {
            output.say("server-refused-seat", &[("seat", seat.to_string().into())]);
            output.failure(&failure);
        }
        results.push(json!({
            "outcome": "refused",
            "seat_id": seat.to_string(),
            "seat_name": Value::Null,
            "lease_expiry": Value::Null,
            "refreshes_left": Value::Null,
            "token": Value::Null,
            "error": error_value(&failure.words),
        }));
        if failure.exit == MACHINE {
            broken = Some(failure);
        }
    }
    if output.is_json() {
        output.document(&json!({ "results": results }));
    }
    exit
}

fn refreshed_value(refreshed: &Refreshed) -> Value {
    json!({
        "token": refreshed.token,
        "seat_id": refreshed.seat.to_string(),
        "seat_name": refreshed.name,
        "lease_expiry": time_value(Some(refreshed.lease_expiry)),
        "refreshes_left": refreshed.refreshes_left,
    })
}

/// The same as one of the results.
fn refreshed_result(refreshed: &Refreshed) -> Value {
    let mut value = refreshed_value(refreshed);
    value["outcome"] = "refreshed".into();
    value["error"] = Value::Null;
    value
}

fn tell_refreshed(refreshed: &Refreshed, output: &mut Output) {
    output.say(
        "server-refreshed",
        &[
            ("seat", refreshed.seat.to_string().into()),
            ("name", display_name(&refreshed.name)),
            ("expiry", time_detail(refreshed.lease_expiry)),
        ],
    );
    if refreshed.refreshes_left == Some(0) {
        output.say("server-refreshed-last", &[]);
    }
    output.token(&refreshed.token);
}

fn list_seats(
    issuer: &mut Issuer,
    code: Option<&ActivationCode>,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let seats = issuer.seats(code, now)?;
    if output.is_json() {
        let seats: Vec<_> = seats.iter().map(|seat| seat_value(seat, now)).collect();
        output.document(&json!({ "seats": seats }));
        return Ok(());
    }
    let rows: Vec<_> = seats
        .iter()
        .map(|seat| {
            vec![
                seat.id.to_string(),
                or_none(seat.name.clone()),
                text(&format!("server-state-{}", seat.state.name()), &[]),
                time_cell(Some(seat.activated_at)),
                time_cell(Some(seat.lease_expiry)),
                seat.entitlement.to_string(),
            ]
        })
        .collect();
    let columns = [
        "server-column-seat",
        "server-column-name",
        "server-column-state",
        "server-column-activated",
        "server-column-expiry",
        "server-column-entitlement",
    ];
    table(output, &columns, &rows);
    Ok(())
}

fn seat_value(seat: &Seat, now: Timestamp) -> Value {
    json!({
        "seat_id": seat.id.to_string(),
        "seat_name": seat.name,
        "state": seat.state.name(),
        "activated_at": time_value(Some(seat.activated_at)),
        "lease_expiry": time_value(Some(seat.lease_expiry)),
        "days_left": latchkey_lease::days_left(seat.lease_expiry, now),
        "taken_until": time_value(Some(seat.taken_until)),
        "closed_at": time_value(seat.closed_at),
        "reused_by": seat.reused_by.map(|seat| seat.to_string()),
        "entitlement_id": seat.entitlement.to_string(),
        "product": seat.product,
        "device": seat.device.to_string(),
        "refreshes_left": seat.refreshes_left,
    })
}

fn release(
    issuer: &mut Issuer,
    seat: SeatId,
    at_once: bool,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let released = issuer.release(seat, at_once, now)?;
    if output.is_json() {
        output.document(&json!({
            "seat_id": released.seat.to_string(),
            "seat_name": released.name,
            "state": "released",
            "taken_until": time_value(released.taken_until),
        }));
        return Ok(());
    }
    let mut values: Vec<(&str, ErrorArg)> =
        vec![("seat", released.seat.to_string().into()), ("name", display_name(&released.name))];
    let id = match released.taken_until {
        Some(until) => {
            values.push(("until", time_detail(until)));
            "server-released"
        }
        None => "server-released-now",
    };
    output.say(id, &values);
    Ok(())
}

fn audit(issuer: &mut Issuer, output: &mut Output) -> Result<(), ServerError> {
    let rows = issuer.audit()?;
    if output.is_json() {
        let rows: Vec<_> = rows.iter().map(audit_value).collect();
        output.document(&json!({ "audit": rows }));
        return Ok(());
    }
    let cells: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let mut detail: Vec<_> =
                row.detail.iter().map(|(name, value)| format!("{name}={value}")).collect();
            detail.extend(row.counted.map(|count| {
                latchkey_words::text("server-audit-counted", &[("count", count.into())])
            }));
            vec![
                to_rfc3339(row.at),
                row.event,
                row.refusal.unwrap_or_else(not_set),
                row.entitlement.map_or_else(not_set, |id| id.to_string()),
                row.seat.map_or_else(not_set, |id| id.to_string()),
                row.code.unwrap_or_else(not_set),
                row.device.unwrap_or_else(not_set),
                or_none(detail.join(" ")),
            ]
        })
        .collect();
    let columns = [
        "server-column-time",
        "server-column-event",
        "server-column-error",
        "server-column-entitlement",
        "server-column-seat",
        "server-column-code",
        "server-column-device",
        "server-column-detail",
    ];
    table(output, &columns, &cells);
    Ok(())
}

fn audit_value(row: &AuditRow) -> Value {
    let detail: Map<_, _> =
        row.detail.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    json!({
        "at": time_value(Some(row.at)),
        "event": row.event,
        "product": row.product,
        "entitlement_id": row.entitlement.map(|id| id.to_string()),
        "seat_id": row.seat.map(|id| id.to_string()),
        "code": row.code,
        "device": row.device,
        "error": row.refusal,
        "detail": detail,
        "counted": row.counted,
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_clock_that_shows_no_usable_time_is_an_error_and_no_panic() {
        let day = Duration::from_hours(24);
        for time in [UNIX_EPOCH - day, UNIX_EPOCH + day * 366 * 8031] {
            assert_eq!(usable(time).unwrap_err().words.code, "system.clock");
        }
        assert!(usable(UNIX_EPOCH + day * 365 * 60).is_ok());
    }
}
