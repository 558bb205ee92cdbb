//! Names of commands.

/// How strongly a word indicates a command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// Not a word of any language.
    Certain,
    /// An ordinary word that is a command if it has the right argument.
    Plausible,
    None,
}

/// Classifies a lower-case word as a command.
pub(super) fn command(word: &[u8]) -> Command {
    match without_version(word) {
        b"whoami" | b"uname" | b"ifconfig" | b"ipconfig" | b"netstat" | b"nslookup" | b"wget"
        | b"curl" | b"netcat" | b"ncat" | b"bash" | b"zsh" | b"ksh" | b"csh" | b"tcsh"
        | b"phpinfo" | b"systeminfo" | b"tasklist" | b"certutil" | b"bitsadmin" | b"powershell"
        | b"pwsh" | b"powershell.exe" | b"cmd.exe" | b"wscript" | b"cscript" | b"mshta"
        | b"regsvr32" | b"rundll32" | b"printenv" | b"lsb_release" | b"traceroute" | b"tracert"
        | b"arp" | b"route" | b"chmod" | b"chown" | b"mkfifo" | b"nohup" | b"sudo" | b"sysinfo"
        | b"awk" | b"gawk" | b"sed" | b"grep" | b"egrep" | b"xxd" | b"base64" | b"hostname"
        | b"busybox" | b"socat" | b"telnet" | b"tftp" | b"scp" | b"rsync" | b"crontab"
        | b"wmic" | b"getent" | b"lsof" | b"tcpdump" | b"nmap" | b"python2" | b"python3"
        | b"perl" | b"ruby" | b"php" | b"nc" | b"nc.traditional" | b"nc.openbsd" | b"gcc"
        | b"dig" | b"pwd" | b"ls" | b"usleep" | b"rm" | b"mv" | b"cp" | b"mkdir" | b"rmdir"
        | b"tar" | b"ps" | b"df" | b"du" | b"strings" | b"passwd" | b"useradd" | b"adduser"
        | b"ssh" | b"lynx" | b"xterm" | b"taskkill" | b"netsh" | b"schtasks" | b"vssadmin"
        | b"reg" | b"ver" | b"tac" | b"nl" | b"certutil.exe" | b"mshta.exe" | b"rundll32.exe"
        | b"bitsadmin.exe" | b"regsvr32.exe" | b"iptables" | b"ip6tables" | b"fdisk"
        | b"compgen" | b"lastlog" | b"lastb" | b"dmesg" | b"lscpu" | b"lsblk" | b"lsmod"
        | b"lspci" | b"journalctl" | b"systemctl" | b"sysctl" | b"getcap" | b"chpasswd"
        | b"usermod" | b"groupadd" | b"visudo" | b"insmod" | b"dpkg" | b"wevtutil" | b"cmdkey"
        | b"nbtstat" | b"gpresult" | b"qwinsta" | b"quser" | b"waitfor" | b"whois" | b"rlwrap"
        | b"pkexec" | b"chroot" | b"strace" | b"gdb" | b"objdump" | b"powershell_ise"
        | b"installutil" | b"msbuild" | b"msiexec" | b"psexec" | b"sqlcmd" | b"mysqldump"
        | b"pg_dump" | b"ldapsearch" | b"smbclient" | b"fping" | b"hping3" | b"aria2c"
        | b"gunzip" | b"bunzip2" | b"zcat" | b"bzcat" | b"xzcat" | b"zstdcat" | b"unxz"
        | b"unzstd" | b"bsdtar" | b"bsdcat" | b"zgrep" | b"cpio" | b"unshare" | b"nsenter"
        | b"stdbuf" | b"taskset" | b"setarch" | b"tclsh" | b"tshark" | b"ltrace"
        | b"jrunscript" | b"ghci" | b"cpulimit" | b"logsave" | b"start-stop-daemon"
        | b"run-parts" | b"bcdedit" | b"bcdboot" | b"diskpart" | b"wbadmin" | b"takeown"
        | b"icacls" | b"cacls" | b"winget" | b"cmstp" | b"certreq" | b"esentutl" | b"forfiles"
        | b"odbcconf" | b"regasm" | b"regsvcs" | b"rpcping" | b"pcalua" | b"regedit"
        | b"findstr" | b"makecab" | b"extrac32" | b"nodejs" | b"crictl" | b"doas" | b"gtfobins"
        | b"iwr" | b"invoke-webrequest" | b"invoke-expression" | b"iex" | b"apt-get" | b"npx"
        | b"redis-cli" | b"mongosh" | b"mongodump" | b"psql" | b"pg_dumpall" | b"sqlite3"
        | b"gcloud" | b"gsutil" | b"etcdctl" | b"rclone" | b"systemd-run" | b"resolvectl"
        | b"tracepath" | b"arping" | b"masscan" | b"nping" | b"sshpass" | b"autossh" | b"w3m"
        | b"elinks" | b"lwp-request" | b"lwp-download" | b"youtube-dl" | b"yt-dlp" | b"basenc"
        | b"base32" | b"iconv" | b"uuencode" | b"tsort" | b"csplit" | b"killall" | b"pkill"
        | b"fallocate" | b"mkfs" | b"rc-service" | b"nltest" | b"gci" | b"tnc"
        | b"ansible-playbook" | b"ansible-galaxy" | b"ansible-vault" | b"ansible-doc"
        | b"ansible-pull" | b"ansible-console" | b"ansible-config" | b"ansible-inventory"
        | b"chef-client" | b"chef-shell" | b"chef-solo" | b"chef-run" | b"cscli" | b".shell"
        | b".system" => Command::Certain,
        b"id" | b"cat" | b"dir" | b"type" | b"echo" | b"sleep" | b"ping" | b"sh" | b"cmd"
        | b"find" | b"head" | b"tail" | b"more" | b"less" | b"sort" | b"kill" | b"env" | b"set"
        | b"net" | b"date" | b"time" | b"who" | b"last" | b"touch" | b"cut" | b"export"
        | b"exec" | b"eval" | b"source" | b"host" | b"python" | b"node" | b"copy" | b"move"
        | b"del" | b"start" | b"printf" | b"read" | b"test" | b"man" | b"mail" | b"mount"
        | b"dd" | b"od" | b"vi" | b"ftp" | b"timeout" | b"at" | b"wait" | b"shutdown"
        | b"reboot" | b"finger" | b"groups" | b"uptime" | b"free" | b"top" | b"history"
        | b"alias" | b"which" | b"locate" | b"file" | b"stat" | b"rev" | b"java" | b"expr"
        | b"system" | b"attrib" | b"ip" | b"ss" | b"kubectl" | b"openssl" | b"git" | b"npm"
        | b"yarn" | b"pip" | b"pip3" | b"gem" | b"terraform" | b"ansible" | b"vim" | b"nano"
        | b"emacs" | b"ffmpeg" | b"jq" | b"tmux" | b"lua" | b"julia" | b"tee" | b"wc" | b"ed"
        | b"ln" | b"su" | b"yum" | b"dnf" | b"pacman" | b"zypper" | b"umask" | b"ulimit"
        | b"seq" | b"tty" | b"logger" | b"unzip" | b"gzip" | b"bzip2" | b"xz" | b"zip"
        | b"sftp" | b"mtr" | b"virsh" | b"truncate" | b"unlink" | b"pandoc" | b"irb" | b"rake"
        | b"vagrant" | b"shred" | b"pushd" | b"popd" | b"docker" | b"podman" | b"cd" | b"flock"
        | b"aptitude" | b"telnetd" | b"utelnetd" | b"dropbear" | b"calc" | b"calc.exe"
        | b"notepad.exe" | b"mspaint.exe" | b"aws" | b"az" | b"deno" | b"bun" | b"helm"
        | b"vault" | b"fold" | b"pr" | b"comm" | b"diff" | b"cmp" | b"column" | b"expand"
        | b"fmt" | b"bat" | b"uniq" | b"shuf" | b"poweroff" | b"halt" | b"svn" | b"hg" | b"xh"
        | b"gc" => Command::Plausible,
        name if is_cmdlet(name) => Command::Certain,
        name => match name.strip_suffix(b".exe").map(command) {
            Some(Command::Certain) => Command::Certain,
            _ => Command::None,
        },
    }
}

/// Whether a name is a command of PowerShell, which consists of a verb and a noun.
fn is_cmdlet(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 17] = [
        b"get-process",
        b"get-content",
        b"get-childitem",
        b"remove-item",
        b"set-content",
        b"stop-computer",
        b"restart-computer",
        b"stop-service",
        b"stop-process",
        b"start-process",
        b"invoke-restmethod",
        b"invoke-command",
        b"new-object",
        b"send-mailmessage",
        b"enter-pssession",
        b"register-scheduledtask",
        b"add-type",
    ];
    name.contains(&b'-') && NAMES.contains(&name)
}

/// The name of an interpreter or compiler without its version: `python3.10`, `gcc-12`.
fn without_version(word: &[u8]) -> &[u8] {
    let end = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    let version = word.iter().rev().take_while(|byte| end(byte)).count();
    let name = word.get(..word.len() - version).unwrap_or(word);
    match name {
        b"python" | b"perl" | b"ruby" | b"php" | b"gcc" | b"lua" | b"tclsh" | b"clang"
            if version > 1 =>
        {
            name
        }
        _ => word,
    }
}

/// Whether a command does nothing without arguments, and its name is one that lists have:
/// `mysql & php`, `piano & strings`.
pub(super) fn needs_arguments(name: &[u8]) -> bool {
    matches!(
        name,
        b"php"
            | b"test"
            | b"touch"
            | b"kill"
            | b"copy"
            | b"move"
            | b"perl"
            | b"ruby"
            | b"python2"
            | b"python3"
            | b"gcc"
            | b"nodejs"
            | b"strings"
            | b"lynx"
            | b"curl"
            | b"wget"
            | b"tar"
            | b"sed"
            | b"awk"
            | b"grep"
            | b"ssh"
            | b"scp"
            | b"telnet"
            | b"tftp"
            | b"base64"
            | b"reg"
            | b"dig"
            | b"gdb"
            | b"whois"
            | b"npx"
            | b"psql"
            | b"sqlite3"
            | b"gcloud"
            | b"rclone"
            | b"iconv"
            | b"yt-dlp"
            | b"youtube-dl"
            | b"pkill"
            | b"killall"
            | b"mongosh"
            | b"redis-cli"
            | b"gsutil"
            | b"w3m"
            | b"tnc"
            | b"gci"
            | b"basenc"
            | b"base32"
            | b"sshpass"
            | b"mkfs"
            | b"fallocate"
            | b"elinks"
            | b"autossh"
            | b"masscan"
            | b"arping"
            | b"nping"
            | b"tracepath"
            | b"resolvectl"
            | b"etcdctl"
            | b"csplit"
            | b"tsort"
            | b"uuencode"
            | b"lwp-request"
            | b"pg_dumpall"
            | b"mongodump"
            | b"systemd-run"
            | b"rc-service"
            | b"nltest"
    )
}

/// Whether a shell of Windows has a command of this name that tells something without arguments.
/// There, letter case does not matter.
pub(super) fn is_of_windows(name: &[u8]) -> bool {
    name.len() > 4
        || matches!(
            name,
            b"dir" | b"ver" | b"set" | b"net" | b"cmd" | b"ls" | b"pwd"
        )
}

/// Whether a name is a command even without an argument that confirms it.
pub(super) fn certain_or_known(name: &[u8]) -> bool {
    command(name) == Command::Certain
        || matches!(
            name,
            b"net" | b"dir" | b"ping" | b"sleep" | b"type" | b"cat" | b"echo"
        )
}
