//! What a package lays beside the program: manual pages and shell completions, drawn from its own flags.

use std::fs;
use std::path::Path;

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;

/// The program's name once it is installed.
const PROGRAM: &str = "webchat-server";

/// Where each shell looks, below a folder such as `/usr/share`.
const COMPLETIONS: [(Shell, &str); 3] = [
    (Shell::Bash, "bash-completion/completions"),
    (Shell::Fish, "fish/vendor_completions.d"),
    (Shell::Zsh, "zsh/site-functions"),
];

/// Writes all of them below `share`, making the folders that are missing.
pub(crate) fn write(flags: Command, share: &Path) -> anyhow::Result<()> {
    let made = |folder: &str| {
        let folder = share.join(folder);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        anyhow::Ok(folder)
    };
    let flags = flags.name(PROGRAM);
    clap_mangen::generate_to(flags.clone(), made("man/man1")?)
        .context("cannot write the manual")?;
    for (shell, folder) in COMPLETIONS {
        clap_complete::generate_to(shell, &mut flags.clone(), PROGRAM, made(folder)?)
            .with_context(|| format!("cannot write the completions for {shell}"))?;
    }
    Ok(())
}
