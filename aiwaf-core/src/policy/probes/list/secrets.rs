//! Secrets, version control, and the settings of tools and machines.

use super::super::{End, Group, Start};

#[rustfmt::skip] // One text per line would hide the groups.
pub(super) const GROUPS: &[Group] = &[
    Group {
        start: Start::Segment,
        end: End::Word,
        texts: &[
            "/.env", "/.env1", "/.env2", "/.envrc", "/.git", "/.github/workflows", "/.gitignore", "/.gitattributes", "/.gitmodules",
            "/.gitconfig", "/.gitlab", "/.svn", "/.hg", "/.hgignore", "/.bzr", "/.cvs", "/.cvsignore", "/cvs/entries",
            "/cvs/root", "/_darcs", "/.htaccess", "/.htpasswd", "/.htpasswds", "/.htgroup", "/.user.ini", "/.aws",
            "/.azure", "/.gcloud", "/.config", "/.ssh", "/.gnupg", "/.docker", "/.dockercfg", "/.dockerenv",
            "/.dockerignore", "/.kube", "/.helm", "/.terraform", "/.vagrant", "/.ansible", "/.npmrc", "/.npm",
            "/.yarnrc", "/.pypirc", "/.gem", "/.bundle", "/.composer", "/.m2", "/.gradle", "/.cargo", "/.vscode",
            "/.idea", "/.vs", "/.project", "/.classpath", "/.settings", "/.sublime", "/.ds_store", "/.bash", "/.bashrc",
            "/.bash_history", "/.bash_profile", "/.sh_history", "/.zsh_history", "/.zshrc", "/.history", "/.profile",
            "/.mysql_history", "/.psql_history", "/.sqlite_history", "/.python_history", "/.rediscli_history",
            "/.netrc", "/.pgpass", "/.my.cnf", "/.s3cfg", "/.boto", "/.rclone", "/.ftpconfig", "/.ftppass",
            "/.remote-sync", "/.sftp", "/.credentials", "/.secrets", "/.secret", "/.passwd", "/.pwd", "/.password",
            "/.token", "/.vault-token", "/.rsync-filter", "/.travis", "/.circleci", "/.drone", "/.appveyor",
            "/.buildkite", "/.jenkins", "/.wp-config", "/.wp-cli", "/.viminfo", "/.vimrc", "/.editorconfig",
            "/.babelrc", "/.eslintrc", "/.prettierrc", "/.stylelintrc", "/.phpunit.result", "/.php_cs", "/.php-version",
            "/.tool-versions", "/.rspec", "/.ruby-version", "/.nvmrc", "/.node-version", "/.local", "/.cache",
            "/.openai", "/.claude", "/.cursor", "/.aider", "/.roo", "/.kiro", "/.rovodev", "/.a0proj", "/.fabric", "/.n8n", "/.streamlit/secrets", "/.vercel", "/.netlify/state", "/.firebaserc",
            "/.firebase", "/.serverless", "/.ebextensions", "/.elasticbeanstalk", "/.chef", "/.subversion", "/.lesshst",
            "/.wget-hsts", "/.trash", "/id_rsa", "/id_dsa", "/id_ecdsa", "/id_ed25519",
        ],
    },
    Group {
        start: Start::Within,
        end: End::Segment,
        texts: &[
            ".env", ".ppk", ".pfx", ".p12", ".jks", ".keystore", ".kdbx", ".htpasswd", ".tfstate", ".tfvars", ".ovpn",
        ],
    },
    Group {
        start: Start::Root,
        end: End::Segment,
        texts: &[
            "/env.txt", "/env.prod", "/env.production", "/env.local", "/env.dev", "/env.backup", "/env.example",
            "/credentials.json", "/credentials.txt", "/credentials.csv", "/secrets.json", "/secrets.yml",
            "/secrets.yaml", "/secrets.txt", "/secret.txt", "/secret.json", "/passwords.txt", "/password.txt",
            "/passwd", "/passwd.txt", "/users.txt", "/users.csv", "/users.sql", "/accounts.txt", "/tokens.json",
            "/aws.json", "/aws.yml", "/aws-credentials", "/aws_credentials", "/s3.json", "/gcp.json",
            "/google-services.json", "/service-account.json", "/serviceaccountkey.json", "/firebase.json",
            "/firebase-adminsdk.json", "/sendgrid.env", "/private.key", "/server.key", "/privatekey.key", "/ssl.key",
            "/key.pem", "/cert.pem", "/privkey.pem", "/server.pem", "/config.yml", "/config.yaml", "/config.ini",
            "/config.xml", "/config.env", "/config.inc", "/config.toml", "/config.rb", "/config.py",
            "/config/config.json", "/config/database.yml", "/config/secrets.yml", "/config/master.key",
            "/config/credentials.yml.enc", "/config/aws.yml", "/config/parameters.yml", "/config/services.yaml",
            "/config/settings.local.yml", "/config/default.json", "/config/production.json",
            "/config/initializers/secret_token.rb", "/app/config/parameters.yml", "/app/etc/local.xml", "/app/etc/env",
            "/application.yml", "/application.yaml", "/application.properties", "/application-prod.yml",
            "/bootstrap.yml", "/bootstrap.properties", "/database.yml", "/database.ini", "/db.ini", "/settings.py",
            "/settings.ini", "/local_settings.py", "/local.xml", "/parameters.yml", "/appsettings.json",
            "/appsettings.development.json", "/appsettings.production.json", "/connectionstrings.config",
            "/packages.config", "/sftp-config.json", "/sftp.json", "/ftpsync.settings", "/filezilla.xml",
            "/sitemanager.xml", "/recentservers.xml", "/winscp.ini", "/ws_ftp.ini", "/deployment-config.json",
            "/docker-compose.yml", "/docker-compose.yaml", "/docker-compose.prod.yml", "/docker-compose.override.yml",
            "/docker-compose.dev.yml", "/dockerfile", "/dockerfile.prod", "/jenkinsfile", "/vagrantfile", "/makefile",
            "/gruntfile.js", "/gulpfile.js", "/webpack.config.js", "/vite.config.js", "/next.config.js",
            "/nuxt.config.js", "/rakefile", "/gemfile", "/gemfile.lock", "/procfile", "/requirements.txt", "/pipfile",
            "/pipfile.lock", "/pyproject.toml", "/poetry.lock", "/manage.py", "/wsgi.py", "/package.json",
            "/package-lock.json", "/yarn.lock", "/pnpm-lock.yaml", "/bower.json", "/composer.json", "/composer.lock",
            "/composer.phar", "/pom.xml", "/build.gradle", "/build.xml", "/cargo.toml", "/cargo.lock", "/go.mod",
            "/go.sum", "/mix.exs", "/tsconfig.json", "/serverless.yml", "/buildspec.yml", "/cloudbuild.yaml",
            "/bitbucket-pipelines.yml", "/azure-pipelines.yml", "/gitlab-ci.yml", "/travis.yml", "/circle.yml",
            "/codecov.yml", "/sonar-project.properties", "/kubernetes.yml", "/k8s.yml", "/values.yaml",
            "/terraform.tfvars", "/ansible.cfg", "/hosts.ini", "/inventory.ini", "/playbook.yml", "/php.ini", "/my.cnf",
            "/nginx.conf", "/httpd.conf", "/apache2.conf", "/.json", "/.yml", "/nohup.out", "/app.py", "/main.py",
            "/proc/self/environ", "/proc/version", "/etc/passwd", "/etc/shadow", "/etc/hosts", "/bin/sh", "/bin/bash", "/windows/win.ini",
            "/win.ini", "/boot.ini",
        ],
    },
    Group {
        start: Start::Segment,
        end: End::Name,
        texts: &[
            "/web.config", "/global.asax", "/web-inf", "/meta-inf", "/proc/self",
        ],
    },
    // Cloud metadata, requested through proxies that forward too much.
    Group {
        start: Start::Root,
        end: End::Word,
        texts: &[
            "/latest/meta-data", "/latest/user-data", "/latest/dynamic", "/computemetadata", "/metadata/instance",
            "/metadata/v1", "/opc/v1", "/opc/v2", "/openstack/latest", "/169.254.169.254",
        ],
    },
];
