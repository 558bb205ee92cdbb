//! Routers, cameras, VPN gateways, mail and telephony.

use super::super::{End, Group, Start};

#[rustfmt::skip] // One text per line would hide the groups.
pub(super) const GROUPS: &[Group] = &[
    Group {
        start: Start::Root,
        end: End::Word,
        texts: &[
            "/boaform", "/goform", "/gponform", "/hnap1", "/dana-na", "/dana-ws", "/dana-cached", "/remote/fgt_lang",
            "/remote/logincheck", "/remote/login", "/remote/hostcheck_validate", "/global-protect",
            "/ssl-vpn/hipreport", "/sslvpn_websession", "/sslvpn/login", "/owa/auth", "/ecp/default", "/ecp/y.js",
            "/ecp/current/exporttool", "/autodiscover/autodiscover", "/mapi/nspi", "/mapi/emsmdb", "/ews/exchange",
            "/rpc/rpcproxy", "/microsoft-server-activesync", "/vpn/index.html", "/vpns/cfg", "/vpns/portal", "/+cscoe+",
            "/+cscot+", "/+cscou+", "/+cscol+", "/api/sonicos", "/api/v2/cmdb", "/logon/logonpoint", "/nf/auth", "/oauth/idp/.well-known", "/tmui/login",
            "/tmui/tmui", "/mgmt/tm", "/mgmt/shared", "/my.policy", "/evox", "/sdk/weblanguage", "/sdk/vimservice",
            "/ui/vropspluginui", "/ui/h5-vsan", "/vsphere-client", "/webclient/login.xhtml", "/websso/saml2",
            "/onvif/device_service", "/isapi/security", "/system/deviceinfo", "/cgi/ptdc", "/device.rsp",
            "/doc/page/login", "/currentsetting.htm", "/rom-0", "/picsdesc.xml", "/wanipcn.xml", "/ctrlt/deviceupgrade",
            "/upnpdev.xml", "/tr069", "/userrpm", "/webfig", "/winbox", "/jsproxy", "/nice ports",
            "/stalker_portal", "/streaming/clients_live", "/fuel_password", "/hp/device",
        ],
    },
    Group {
        start: Start::Root,
        end: End::Segment,
        texts: &[
            "/owa", "/ecp", "/ews", "/autodiscover", "/autodiscover/autodiscover.xml", "/telerik", "/luci",
            "/login.htm", "/login.rsp", "/webui/logoutconfirm.html", "/sslvpn", "/systembc/password", "/ab2g", "/ab2h",
            "/aaa9", "/aab8", "/aab9", "/onvif", "/isapi", "/zabbix", "/zimbra", "/zimbraadmin", "/service/soap",
            "/roundcube", "/squirrelmail", "/rainloop", "/webmail/src", "/nagios", "/nagiosxi", "/icinga", "/munin",
            "/centreon", "/librenms", "/pandora_console", "/prtg", "/solarwinds", "/orion/login", "/citrix/xenapp",
            "/citrix/storeweb", "/rdweb", "/rdweb/pages", "/tsweb", "/simplehelp", "/screenconnect", "/setupwizard",
            "/moveitisapi", "/webinterface", "/webinterface/function",
        ],
    },
];
