/* SPDX-License-Identifier: Apache-2.0 */
/* Why a broker cannot be used, for the person who has to mend it. */
#include <errno.h>
#include <mqtt_protocol.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "mqtt/client.h"

/* CONNACK codes of MQTT 3.1.1 (clause 3.2.2.3) are below 0x80, reasons of MQTT 5 (clause 3.2.2.2) are not. */
enum { V311_VERSION = 1, V311_ID = 2, V311_UNAVAILABLE = 3, V311_PASSWORD = 4, V311_NOT_AUTHORISED = 5 };

static void explain_refusal(const struct config_broker *broker, const char *id, int connack, char *text,
                            size_t size)
{
    switch (connack) {
    case V311_PASSWORD:
    case V311_NOT_AUTHORISED:
    case MQTT_RC_BAD_USERNAME_OR_PASSWORD:
    case MQTT_RC_NOT_AUTHORIZED:
        snprintf(text, size, "user or password refused by %.60s:%u: check user and the password file",
                 broker->host, broker->port);
        return;
    case V311_VERSION:
    case MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION:
        snprintf(text, size, "%.60s:%u does not speak this version of MQTT: check mqtt_version", broker->host,
                 broker->port);
        return;
    case V311_ID:
    case MQTT_RC_CLIENTID_NOT_VALID:
        snprintf(text, size, "%.60s:%u refuses the client id '%.40s'", broker->host, broker->port, id);
        return;
    case V311_UNAVAILABLE:
    case MQTT_RC_SERVER_UNAVAILABLE:
    case MQTT_RC_SERVER_BUSY:
        snprintf(text, size, "%.60s:%u says that it is not available now", broker->host, broker->port);
        return;
    case MQTT_RC_QOS_NOT_SUPPORTED:
        snprintf(text, size, "%.60s:%u takes no QoS 1: nothing that is sent there could be confirmed",
                 broker->host, broker->port);
        return;
    default:
        snprintf(text, size, "%.60s:%u refused the connection: %s", broker->host, broker->port,
                 mosquitto_reason_string(connack));
    }
}

static void explain_system(const struct config_broker *broker, int error, char *text, size_t size)
{
    if (error == ECONNREFUSED)
        snprintf(text, size, "connection refused by %.80s:%u: is the broker running?", broker->host,
                 broker->port);
    else if (error == ETIMEDOUT || error == EHOSTUNREACH || error == ENETUNREACH)
        snprintf(text, size, "no way to %.80s:%u: %s (check the network)", broker->host, broker->port,
                 strerror(error));
    else if (error == ECONNRESET || error == EPIPE || error == 0)
        snprintf(text, size, "connection to %.80s:%u was lost", broker->host, broker->port);
    else
        snprintf(text, size, "connection to %.80s:%u failed: %s", broker->host, broker->port,
                 strerror(error));
}

bool client_is_refused_by_tls(const struct client_trouble *trouble)
{
    return strstr(trouble->library, " alert ") && !trouble->answered;
}

static void explain_alert(const struct config_broker *broker, const char *reason, char *text, size_t size)
{
    if (strstr(reason, "certificate required") || broker->certificate_file[0] == '\0')
        snprintf(text, size, "%.60s:%u wants a certificate of the site: give certificate_file and key_file",
                 broker->host, broker->port);
    else
        snprintf(text, size, "%.60s:%u does not take the site's certificate: %.48s (check certificate_file)",
                 broker->host, broker->port, reason);
}

static void explain_tls(const struct config_broker *broker, const char *library, char *text, size_t size)
{
    const char *reason = strrchr(library, ':');
    reason = reason ? reason + 1 : library;
    while (*reason == ' ')
        reason++;
    if (strstr(library, "host name") || strstr(library, "hostname") || strstr(library, "IP address mismatch"))
        snprintf(text, size, "certificate not trusted: it is not for the name '%.60s' (check host)",
                 broker->host);
    else if (strstr(library, "certificate verify"))
        snprintf(text, size,
                 "certificate not trusted: %.32s (check ca_file, the clock, and host: is it its name?)",
                 reason);
    else if (strstr(library, "key values mismatch") || strstr(library, "inconsistent"))
        snprintf(text, size, "key_file '%.50s' is not the key of certificate_file '%.50s'", broker->key_file,
                 broker->certificate_file);
    else if (strstr(library, " alert "))
        explain_alert(broker, reason, text, size);
    else
        snprintf(text, size, "TLS with %.50s:%u failed: %.60s (is it a TLS port?)", broker->host,
                 broker->port, *reason ? reason : "no common ground");
}

/* With TLS 1.3 a broker judges the certificate after the connection stands; its reason may be lost with it.
 */
static void explain_closed(const struct config_broker *broker, char *text, size_t size)
{
    const char *perhaps = !broker->tls                  ? "is it an MQTT broker without TLS?"
                          : broker->certificate_file[0] ? "does it not take the site's certificate?"
                                                        : "does it want a certificate of the site "
                                                          "(certificate_file)?";
    snprintf(text, size, "%.60s:%u closed the connection before it answered: %s", broker->host, broker->port,
             perhaps);
}

static bool is_reset(const struct client_trouble *trouble)
{
    return trouble->rc == MOSQ_ERR_CONN_LOST || trouble->rc == MOSQ_ERR_PROTOCOL ||
           trouble->rc == MOSQ_ERR_MALFORMED_PACKET ||
           (trouble->rc == MOSQ_ERR_ERRNO &&
            (trouble->system_error == ECONNRESET || trouble->system_error == EPROTO));
}

void client_explain(const struct config_broker *broker, const char *id, const struct client_trouble *trouble,
                    char *text, size_t size)
{
    if (trouble->connack)
        explain_refusal(broker, id, trouble->connack, text, size);
    else if (trouble->disconnect == MQTT_RC_SESSION_TAKEN_OVER)
        snprintf(text, size, "another client took over the client id '%.40s': give each site its own", id);
    else if (trouble->disconnect)
        snprintf(text, size, "%.60s:%u ended the connection: %s", broker->host, broker->port,
                 mosquitto_reason_string(trouble->disconnect));
    else if (trouble->rc == MOSQ_ERR_EAI && trouble->system_error == EAI_AGAIN)
        snprintf(text, size, "name '%.80s' does not resolve now: no name server answers", broker->host);
    else if (trouble->rc == MOSQ_ERR_EAI)
        snprintf(text, size, "name '%.80s' does not resolve", broker->host);
    else if (trouble->rc == MOSQ_ERR_TLS || trouble->rc == MOSQ_ERR_TLS_HANDSHAKE ||
             client_is_refused_by_tls(trouble))
        explain_tls(broker, trouble->library, text, size);
    else if (trouble->rc == MOSQ_ERR_TIMEOUT)
        snprintf(text, size, "no answer from %.80s:%u", broker->host, broker->port);
    else if (trouble->rc == MOSQ_ERR_KEEPALIVE)
        snprintf(text, size, "%.80s:%u stopped answering", broker->host, broker->port);
    else if (!trouble->answered && (trouble->reached || trouble->system_error == EPROTO) && is_reset(trouble))
        explain_closed(broker, text, size);
    else if (trouble->rc == MOSQ_ERR_ERRNO || trouble->rc == MOSQ_ERR_CONN_LOST)
        explain_system(broker, trouble->system_error, text, size);
    else
        snprintf(text, size, "connection to %.80s:%u failed: %s", broker->host, broker->port,
                 mosquitto_strerror(trouble->rc));
}
