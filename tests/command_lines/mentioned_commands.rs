//! Every command and option that a document, a message or a comment mentions exists: it is looked
//! up in the programs' own help.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use latchkey_e2e_support::{Programs, repository_root};

/// A program or one of its commands, as its `--help` describes it.
pub(crate) struct CommandTree {
    commands: BTreeMap<String, Self>,
    /// The options, and whether a value follows.
    options: BTreeMap<String, bool>,
    takes_arguments: bool,
}

impl CommandTree {
    pub(crate) fn read(program: &Path, path: &[&str]) -> Self {
        let done = Command::new(program).args(path).arg("--help").output().expect("a program");
        let help = String::from_utf8(done.stdout).expect("UTF-8");
        assert!(done.status.success(), "{}, {path:?}", program.display());
        let mut known =
            Self { commands: BTreeMap::new(), options: BTreeMap::new(), takes_arguments: false };
        let mut section = "";
        for line in help.lines() {
            if let Some(usage) = line.strip_prefix("Usage: ") {
                known.takes_arguments = takes_arguments(usage);
            }
            if line.ends_with(':') && !line.starts_with(' ') {
                section = line;
            }
            let Some(entry) = line.strip_prefix("  ") else { continue };
            let words: Vec<_> = entry.split_whitespace().collect();
            match (section, words.first()) {
                ("Commands:", Some(name)) if !entry.starts_with(' ') && *name != "help" => {
                    let path = [path, &[name]].concat();
                    known.commands.insert((*name).to_owned(), Self::read(program, &path));
                }
                ("Options:", Some(first)) if first.starts_with('-') => {
                    let has_value = words.iter().take(3).any(|word| word.starts_with(['<', '[']));
                    for name in words.iter().take(2).map(|name| name.trim_end_matches(',')) {
                        let name = name.split(['[', '=']).next().unwrap_or(name);
                        known.options.insert(name.to_owned(), has_value);
                    }
                }
                _ => {}
            }
        }
        known.options.retain(|name, _| name.starts_with('-'));
        known
    }

    /// The words of every command, beginning with none for the program itself.
    pub(crate) fn paths(&self) -> Vec<Vec<String>> {
        let mut paths = vec![Vec::new()];
        for (name, command) in &self.commands {
            let below = command.paths().into_iter();
            paths.extend(below.map(|path| [vec![name.clone()], path].concat()));
        }
        paths
    }

    /// What is wrong with these words after the program's name.
    fn problem_with(&self, words: &[&str]) -> Option<String> {
        let mut at = self;
        // Options of a program hold for its commands too.
        let mut options = self.options.clone();
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            if word == "…" || word == "..." {
                return None;
            }
            if word.len() > 1 && word.starts_with('-') {
                let (name, own_value) = match word.split_once('=') {
                    Some((name, _)) => (name, true),
                    None => (word, false),
                };
                match options.get(name) {
                    None if word == "--" => {}
                    None => return Some(format!("there is no {name}")),
                    Some(true) if !own_value => drop(words.next()),
                    Some(_) => {}
                }
            } else if let Some(command) = at.commands.get(word) {
                at = command;
                options.extend(at.options.clone());
            } else if !at.takes_arguments {
                return Some(format!("there is no command {word}"));
            }
        }
        None
    }

    fn all_options(&self) -> BTreeSet<&str> {
        let own = self.options.keys().map(String::as_str);
        own.chain(self.commands.values().flat_map(Self::all_options)).collect()
    }
}

/// Whether a usage has more than options, their values and commands.
fn takes_arguments(usage: &str) -> bool {
    let words: Vec<_> = usage.split_whitespace().collect();
    words.iter().enumerate().any(|(at, word)| {
        let is_one = word.starts_with(['<', '[']) && !word.starts_with("[-");
        let is_value =
            at > 0 && words[at - 1].trim_start_matches(['<', '[', '(']).starts_with("--");
        is_one && !is_value && !["[OPTIONS]", "<COMMAND>", "[COMMAND]"].contains(word)
    })
}

/// Every file of the project with one of these endings: tracked files and untracked files that Git
/// doesn't ignore. A source archive has no Git, so there all folders are searched.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(repository_root())
        .output();
    let mut found = Vec::new();
    match listed {
        Ok(listed) if listed.status.success() && !listed.stdout.is_empty() => {
            let names = String::from_utf8_lossy(&listed.stdout).into_owned();
            let names = names.split('\0').filter(|name| endings.iter().any(|e| name.ends_with(e)));
            found.extend(names.map(|name| repository_root().join(name)));
        }
        _ => collect_files(&repository_root(), endings, &mut found),
    }
    found
}

/// Collects every file below a folder with one of these endings, except for build output.
fn collect_files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type().expect("a type").is_dir() {
            if !name.starts_with('.') && !["target", "node_modules", "dist"].contains(&&*name) {
                collect_files(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

/// The code in a file: what is between back-ticks or typographic quotes, and lines that begin like
/// commands.
fn code_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let is_prose = line.contains(['`', '“', '„']);
        for (open, close) in [('`', &['`'][..]), ('“', &['”']), ('„', &['“'])] {
            let parts = line.split(open).skip(1);
            let parts = parts.step_by(if open == '`' { 2 } else { 1 });
            found.extend(parts.map(|part| part.split(close).next().unwrap_or(part).to_owned()));
        }
        if !is_prose {
            found.push(line.trim_start_matches([' ', '#', '/', '*', '+']).to_owned());
        }
    }
    found
}

/// The commands in a piece of code, each as words: the name of the program and its arguments.
fn commands(code: &str) -> Vec<Vec<String>> {
    const PROGRAMS: [&str; 3] = ["latchkey", "latchkey-server", "cargo"];
    // After these a shell begins a new command.
    const NEW: [&str; 8] = ["|", "&&", "||", ";", "&", "then", "do", "sudo"];
    let mut commands: Vec<Vec<String>> = Vec::new();
    let mut is_new = true;
    let mut is_wrapped = false;
    for word in join_quoted_words(code).split_whitespace() {
        let is_assignment = word.split_once('=').is_some_and(|(name, _)| {
            name.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !name.is_empty()
        });
        is_wrapped |= word == "systemd-run";
        if NEW.contains(&word) {
            (is_new, is_wrapped) = (true, false);
        } else if (is_new || is_wrapped) && PROGRAMS.contains(&word) {
            commands.push(vec![word.to_owned()]);
            (is_new, is_wrapped) = (false, false);
        } else if word.starts_with(['>', '<', '#']) && !word.starts_with("<-") {
            is_new = false;
            commands.extend((!commands.is_empty()).then(Vec::new));
        } else if let (false, Some(command)) = (is_new, commands.last_mut()) {
            if !command.is_empty() {
                let ends = word.ends_with([';', ')']);
                command.push(word.trim_matches(['"', '\'', ';', ')', ',']).to_owned());
                is_new = ends;
            }
        } else if !is_assignment {
            is_new = false;
        }
    }
    // A line of a table (`name = value`) isn't a command.
    commands.retain(|command| command.len() > 1 && command[1] != "=");
    commands
}

/// Makes a quoted text, and a placeholder of a message, one word each.
fn join_quoted_words(code: &str) -> String {
    let parts = code.split('"').enumerate().map(|(index, part)| match index % 2 {
        0 => part.replace("{ $", "{$").replace(" }", "}").replace("$(", " ; "),
        _ => part.replace(' ', "_"),
    });
    parts.collect()
}

#[test]
fn every_command_in_documents_and_messages_exists() {
    let programs = Programs::find().unwrap_or_else(|error| panic!("{error:#}"));
    let device = CommandTree::read(&programs.path("latchkey"), &[]);
    let vendor = CommandTree::read(&programs.path("latchkey-server"), &[]);
    let tasks = CommandTree::read(&programs.path("xtask"), &[]);
    let endings = [".md", ".ftl", ".h", ".toml", ".service", "Containerfile", ".py", ".cs", ".go"];
    let documents = files(&endings);
    let (mut seen, mut problems) = (BTreeMap::new(), Vec::new());
    for document in documents {
        let name =
            document.strip_prefix(repository_root()).expect("a file of ours").display().to_string();
        // A file that was deleted meanwhile, or that isn't text, contains no commands.
        let Ok(text) = fs::read_to_string(&document) else { continue };
        // The name that the command line has in this installation.
        let text = text.replace("{ $command_line }", "latchkey");
        for code in code_in(&text) {
            for command in commands(&code) {
                let words: Vec<_> = command.iter().map(String::as_str).collect();
                let (program, problem) = match words[..] {
                    ["latchkey", ref words @ ..] => ("latchkey", device.problem_with(words)),
                    ["latchkey-server", ref words @ ..] => {
                        ("latchkey-server", vendor.problem_with(words))
                    }
                    ["cargo", "xtask", ref words @ ..] => ("xtask", tasks.problem_with(words)),
                    _ => continue,
                };
                *seen.entry(program).or_insert(0) += 1;
                if let Some(problem) = problem {
                    problems.push(format!("{name}: {}: {problem}", command.join(" ")));
                }
            }
        }
        // Messages also name options alone.
        if name.ends_with(".ftl") {
            let known: BTreeSet<_> =
                device.all_options().into_iter().chain(vendor.all_options()).collect();
            for word in text.split(|c: char| !c.is_ascii_lowercase() && c != '-') {
                if word.starts_with("--") && !known.contains(word) {
                    problems.push(format!("{name}: there is no {word}"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    for (program, least) in [("latchkey", 60), ("latchkey-server", 80), ("xtask", 20)] {
        assert!(seen.get(program).copied().unwrap_or(0) >= least, "{seen:?}");
    }
}

#[test]
fn the_check_detects_a_command_that_does_not_exist() {
    let programs = Programs::find().unwrap_or_else(|error| panic!("{error:#}"));
    let vendor = CommandTree::read(&programs.path("latchkey-server"), &[]);
    for (code, is_wrong) in [
        ("latchkey-server kit --product 1 --out kit", false),
        ("echo x | latchkey-server --data d operator add kim > out", false),
        ("systemd-run --pipe -p User=latchkey-server latchkey-server seats", false),
        ("LATCHKEY_DATA=x latchkey-server seat release SEAT --now", false),
        ("latchkey-server product set 1", true),
        ("latchkey-server kit --output kit", true),
        ("latchkey-server seats --now", true),
        ("systemd-run --pipe -p User=latchkey-server latchkey-server seat", false),
        ("latchkey-server init --vendor A && latchkey-server nothing", true),
        ("latchkey-server serve --listen 127.0.0.1:8080 more", true),
    ] {
        let commands = commands(code);
        assert!(!commands.is_empty(), "{code}");
        let problem = commands.iter().find_map(|command| {
            let words: Vec<_> = command.iter().skip(1).map(String::as_str).collect();
            vendor.problem_with(&words)
        });
        assert_eq!(problem.is_some(), is_wrong, "{code}: {problem:?}");
    }
}

/// Messages in every language, each file with its name.
fn messages() -> impl Iterator<Item = (String, String)> {
    files(&[".ftl"]).into_iter().filter_map(|file| {
        let text = fs::read_to_string(&file).ok()?;
        Some((file.display().to_string(), text))
    })
}

/// A store that is given on a command line applies to that command only. The product follows its
/// policy.
#[test]
fn no_message_suggests_a_store_that_the_product_does_not_read() {
    for (name, text) in messages() {
        assert!(!text.contains("--store file:"), "{name}");
    }
}

#[test]
fn every_variable_in_a_message_is_documented_by_a_program() {
    let programs = Programs::find().unwrap_or_else(|error| panic!("{error:#}"));
    let help = ["latchkey", "latchkey-server"].map(|program| {
        let done = Command::new(programs.path(program)).arg("--help").output();
        String::from_utf8(done.expect("a program").stdout).expect("UTF-8")
    });
    let read = help.join("\n");
    let mut seen = 0;
    for (name, text) in messages() {
        let is_part = |c: char| c.is_ascii_uppercase() || c == '_';
        let variables = text.split(|c| !is_part(c)).filter(|word| word.starts_with("LATCHKEY_"));
        for variable in variables {
            assert!(read.contains(variable), "{name}: {variable}");
            seen += 1;
        }
    }
    assert!(seen > 1, "{seen} variables are named");
}
