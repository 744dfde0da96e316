/* SPDX-License-Identifier: Apache-2.0 */
/* When what TLS rests on ends: a tower whose certificate has run out is silent until somebody goes there. The
 * files are looked at, not the connection, which may be older than they are. Any thread. */
#ifndef GATEWAY_MQTT_CERTIFICATE_H
#define GATEWAY_MQTT_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"

enum { CERTIFICATE_SOON_DAYS = 30, CERTIFICATE_TEXT_MAX = 256 };

/* Of certificate_file or ca_file of this broker, what has ended at utc_ns or does within
 * CERTIFICATE_SOON_DAYS: in words, with what to do [size: CERTIFICATE_TEXT_MAX]. false: neither does, or
 * neither can be read. */
bool certificate_complain(const struct config_broker *broker, int64_t utc_ns, char *text);

/* The same of what a broker has shown: ssl is mosquitto_ssl_get of a client that is connected, or NULL. */
bool certificate_complain_shown(void *ssl, int64_t utc_ns, char *text);

#endif
