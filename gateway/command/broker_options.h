/* SPDX-License-Identifier: Apache-2.0 */
/* Options by which a command at a terminal finds a broker. */
#ifndef ATALAYA_COMMAND_BROKER_OPTIONS_H
#define ATALAYA_COMMAND_BROKER_OPTIONS_H

#include "atalaya/gateway/config.h"

struct broker_options {
    const char *host, *prefix, *user, *password_file, *ca_file, *certificate_file, *key_file, *reader_key;
    unsigned port;
    bool tls;
};

#define BROKER_OPTIONS_DEFAULT                                                                               \
    {                                                                                                        \
        .host = "127.0.0.1", .prefix = "atalaya/v1", .user = "", .password_file = "", .ca_file = "",         \
        .certificate_file = "", .key_file = "", .reader_key = ""                                             \
    }

/* Rows for a table of struct option_row. */
#define BROKER_OPTION_ROWS(o)                                                                                \
    {"host", 0, OPTION_TEXT, &(o).host, "HOST", "the broker; 127.0.0.1 unless given"},                       \
        {"port", 'p', OPTION_COUNT, &(o).port, "PORT", "its port; 1883, with TLS 8883 unless given"},        \
        {"prefix", 0, OPTION_TEXT, &(o).prefix, "TOPIC", "before /site; atalaya/v1 unless given"},           \
        {"user", 'u', OPTION_TEXT, &(o).user, "NAME", "who asks"},                                           \
        {"password-file", 0, OPTION_TEXT, &(o).password_file, "FILE", "its first line is the password"},     \
        {"tls", 0, OPTION_FLAG, &(o).tls, NULL, "TLS with the system's authorities"},                        \
        {"ca-file", 0, OPTION_TEXT, &(o).ca_file, "FILE", "TLS with this authority"},                        \
        {"certificate-file",    0,      OPTION_TEXT,                                                         \
         &(o).certificate_file, "FILE", "TLS with this certificate of one's own"},                           \
        {"key-file", 0, OPTION_TEXT, &(o).key_file, "FILE", "the certificate's private key"},                \
    {                                                                                                        \
        "reader-key", 0, OPTION_TEXT, &(o).reader_key, "FILE",                                               \
            "read what is sealed to this key (atalaya key reader)"                                           \
    }

/* false, with a complaint on standard error: something does not fit. command: its name. */
bool broker_options_take(const char *command, const struct broker_options *given,
                         struct config_broker *broker);

#endif
