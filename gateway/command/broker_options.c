/* SPDX-License-Identifier: Apache-2.0 */
#include "command/broker_options.h"

#include <stdio.h>
#include <string.h>

#include "config/text.h"

enum { PORT_MQTT = 1883, PORT_TLS = 8883, PORT_LAST = 65535, KEEPALIVE_S = 30 };

static bool copy_option(const char *command, char *out, size_t size, const char *name, const char *text)
{
    if (strlen(text) < size) {
        memcpy(out, text, strlen(text) + 1);
        return true;
    }
    fprintf(stderr, "atalaya %s: --%s is too long\n", command, name);
    return false;
}

bool broker_options_take(const char *command, const struct broker_options *given,
                         struct config_broker *broker)
{
    if (given->port > PORT_LAST) {
        fprintf(stderr, "atalaya %s: there is no such port; see atalaya %s --help\n", command, command);
        return false;
    }
    if (!config_prefix_valid(given->prefix)) {
        fprintf(stderr, "atalaya %s: --prefix is words with / between them, without + # and $, not '%s'\n",
                command, given->prefix);
        return false;
    }
    if (!given->certificate_file[0] != !given->key_file[0]) {
        fprintf(stderr, "atalaya %s: --certificate-file and --key-file go together\n", command);
        return false;
    }
    if (given->password_file[0] && !given->user[0]) {
        fprintf(stderr, "atalaya %s: --password-file goes with --user; without one nobody is asked for it\n",
                command);
        return false;
    }
    if (!text_is_host(given->host)) {
        fprintf(stderr, "atalaya %s: --host is a name or an address, not '%s'; a port goes into --port\n",
                command, given->host);
        return false;
    }
    broker->tls = given->tls || given->ca_file[0] || given->certificate_file[0];
    broker->port = given->port ? given->port : broker->tls ? PORT_TLS : PORT_MQTT;
    broker->keepalive_s = KEEPALIVE_S;
    return copy_option(command, broker->host, sizeof broker->host, "host", given->host) &&
           copy_option(command, broker->prefix, sizeof broker->prefix, "prefix", given->prefix) &&
           copy_option(command, broker->user, sizeof broker->user, "user", given->user) &&
           copy_option(command, broker->password_file, sizeof broker->password_file, "password-file",
                       given->password_file) &&
           copy_option(command, broker->ca_file, sizeof broker->ca_file, "ca-file", given->ca_file) &&
           copy_option(command, broker->certificate_file, sizeof broker->certificate_file, "certificate-file",
                       given->certificate_file) &&
           copy_option(command, broker->key_file, sizeof broker->key_file, "key-file", given->key_file);
}
