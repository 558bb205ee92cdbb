//! Consoles and diagnostics of other frameworks and servers.

use super::super::{End, Group, Start};

#[rustfmt::skip] // One text per line would hide the groups.
pub(super) const GROUPS: &[Group] = &[
    Group {
        start: Start::Root,
        end: End::Segment,
        texts: &[
            "/actuator", "/web-console", "/host-manager", "/manager/status", "/server-status", "/server-info",
            "/nginx_status", "/stub_status", "/php-fpm_status", "/fpm-status", "/haproxy", "/haproxy-status",
            "/status.xsl", "/heapdump", "/threaddump", "/jolokia", "/hawtio", "/druid", "/nacos", "/xxl-job-admin",
            "/h2-console", "/console/login/loginform", "/configprops", "/autoconfig", "/jmx", "/swagger-resources",
            "/v2/api-docs", "/v3/api-docs", "/swagger/v1/swagger.json", "/swagger-ui/swagger.json", "/elmah",
            "/rails/info/properties", "/rails/info/routes", "/rails/info", "/rails/mailers", "/__debug__",
            "/debug/default/view", "/debug/vars", "/debug/requests", "/debug/pprof", "/telescope", "/horizon/api/stats",
            "/_debugbar/open", "/app_dev", "/frontend_dev", "/horde", "/phppgadmin", "/solr", "/app/kibana",
            "/grafana/login", "/rundeck", "/jenkins", "/index.action", "/login.action", "/asynchpeople", "/sonarqube", "/artifactory", "/_nodes",
            "/_all_dbs", "/_utils", "/_search", "/_stats", "/_users/_all_docs", "/.kibana", "/tomcat/manager",
            "/containers/json", "/images/json", "/v2/_catalog", "/api/v1/namespaces", "/api/v1/pods", "/apis/apps/v1",
            "/v1/agent/self", "/v1/kv", "/v1/sys/health", "/v1/catalog/services", "/runningpods",
            "/invoker/jmxinvokerservlet", "/invoker/ejbinvokerservlet", "/invoker/readonly", "/ws_utc", "/wls-wsat",
            "/bea_wls_internal", "/_async/asyncresponseservice", "/uddiexplorer", "/axis2", "/axis2-web",
            "/struts2-showcase", "/struts", "/ognl", "/winrm", "/wsman", "/msmq", "/iisstart.htm",
        ],
    },
    Group {
        start: Start::Segment,
        end: End::Word,
        texts: &[
            "/actuator/env", "/actuator/health", "/actuator/heapdump", "/actuator/threaddump", "/actuator/mappings",
            "/actuator/beans", "/actuator/configprops", "/actuator/gateway", "/actuator/httptrace", "/actuator/info",
            "/actuator/jolokia", "/actuator/logfile", "/actuator/loggers", "/actuator/metrics", "/actuator/prometheus",
            "/actuator/trace", "/actuator/auditevents", "/actuator/caches", "/actuator/conditions", "/actuator/dump",
            "/actuator/features", "/actuator/flyway", "/actuator/liquibase", "/actuator/scheduledtasks",
            "/actuator/sessions", "/actuator/shutdown", "/actuator/refresh", "/actuator/restart",
            "/actuator/hystrix.stream", "/jmx-console", "/jbossws", "/jbossmq-httpil", "/invoker/jmx", "/manager/html",
            "/manager/text", "/manager/jmxproxy", "/_ignition", "/_profiler", "/_wdt", "/_debugbar",
            "/telescope/requests", "/solr/admin", "/_cat/indices", "/_cluster/health", "/_nodes/stats", "/_snapshot",
            "/druid/index", "/druid/indexer", "/jolokia/list", "/jolokia/exec", "/jolokia/read", "/debug/pprof/",
            "/geoserver", "/geoserver/web", "/console.portal", "/nifi-api", "/script/console", "/descriptorbyname",
            "/securityrealm/user", "/wls-wsat/", "/_async/", "/hystrix.stream", "/ws/v1/cluster",
        ],
    },
];
