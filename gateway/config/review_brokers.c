/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of brokers: what would fail or leak only once the tower is alone on its ridge. */
#include <string.h>

#include "config/reading.h"
#include "config/text.h"

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

bool config_prefix_valid(const char *prefix)
{
    size_t length = strlen(prefix);
    return length > 0 && !strpbrk(prefix, "+#") && prefix[0] != '$' && prefix[0] != '/' &&
           prefix[length - 1] != '/' && !strstr(prefix, "//");
}

static void review_prefix(struct reading *reading, const struct config_broker *broker)
{
    const char *prefix = broker->prefix;
    if (!config_prefix_valid(prefix))
        complain_error(
            &reading->complaints, broker->line,
            "prefix \"%s\" of broker '%s' is no topic; write words with / between them, without + # and "
            "$ in front",
            prefix, broker->name);
}

/* A warning: the other brokers are reached, and nobody may be there to correct it. */
static void review_host(struct reading *reading, const struct config_broker *broker)
{
    if (!text_is_host(broker->host))
        complain_warning(&reading->complaints, broker->line,
                         "broker '%s': host \"%.80s\" is no name and no address; write as host = "
                         "\"mqtt.example.org\" port = 1883",
                         broker->name, broker->host);
}

static void review_tls(struct reading *reading, const struct config_broker *broker)
{
    struct complaints *complaints = &reading->complaints;
    if (!*broker->certificate_file != !*broker->key_file)
        complain_error(
            complaints, broker->line, "broker '%s' has %s; give both files or neither", broker->name,
            *broker->key_file ? "key_file without certificate_file" : "certificate_file without key_file");
    if (!broker->tls && (*broker->ca_file || *broker->certificate_file || *broker->key_file))
        complain_error(complaints, broker->line,
                       "broker '%s' has certificates, but tls = false; set tls = true or remove the files",
                       broker->name);
    if (broker->tls && broker->port == 1883)
        complain_warning(
            complaints, broker->line,
            "broker '%s' uses tls on port 1883, which is customary for MQTT without it; is it 8883?",
            broker->name);
    if (!broker->tls && broker->port == 8883)
        complain_warning(complaints, broker->line,
                         "broker '%s' uses port 8883, which is customary for TLS; is tls = true missing?",
                         broker->name);
}

static void review_credentials(struct reading *reading, const struct config_broker *broker)
{
    struct complaints *complaints = &reading->complaints;
    bool password = *broker->password_file || *broker->password_credential;
    if (*broker->password_file && *broker->password_credential)
        complain_error(complaints, broker->line,
                       "broker '%s' has password_file and password_credential; keep one of them",
                       broker->name);
    if (password && !*broker->user)
        complain_error(complaints, broker->line,
                       "broker '%s' has a password without a user; add user = \"...\"", broker->name);
    if (password && !broker->tls && !is_loopback(broker->host))
        complain_warning(complaints, broker->line,
                         "broker '%s' gets its password over the network unencrypted; set tls = true",
                         broker->name);
}

/* Two rows of one broker: what the one holds back the other tells. */
static void review_twins(struct reading *reading, unsigned i)
{
    const struct config *config = reading->config;
    const struct config_broker *broker = &config->broker[i];
    for (unsigned other = 0; other < config->broker_count; other++) {
        const struct config_broker *twin = &config->broker[other];
        bool same = other != i && strcmp(twin->host, broker->host) == 0 && twin->port == broker->port;
        bool finer = broker->position_precision_m > 0.0 && !twin->seal_to_count &&
                     twin->position_precision_m < broker->position_precision_m;
        if (same && (finer || (broker->seal_to_count && !twin->seal_to_count)))
            complain_warning(&reading->complaints, broker->line,
                             "what broker '%s' may not know, broker '%s' at the same host and port is told; "
                             "give both the same options, or remove one",
                             broker->name, twin->name);
    }
}

/* Whoever taps the cable reads where the crews are. */
static void review_secrecy(struct reading *reading, const struct config_broker *broker)
{
    if (!broker->tls && !broker->seal_to_count && !is_loopback(broker->host))
        complain_warning(&reading->complaints, broker->line,
                         "broker '%s' is told where crews are over the network unencrypted; set tls = true, "
                         "or seal_to",
                         broker->name);
}

void review_brokers(struct reading *reading)
{
    const struct config *config = reading->config;
    if (!config->broker_count)
        complain_warning(
            &reading->complaints, 0,
            "no broker: what is heard stays in the spool; add a broker \"name\" { host = \"...\" }");
    for (unsigned i = 0; i < config->broker_count; i++) {
        const struct config_broker *broker = &config->broker[i];
        if (reading->faulty[SECTION_broker][i])
            continue;
        review_host(reading, broker);
        review_prefix(reading, broker);
        review_tls(reading, broker);
        review_credentials(reading, broker);
        review_secrecy(reading, broker);
        review_twins(reading, i);
        if (broker->retry_min_s > broker->retry_max_s)
            complain_error(&reading->complaints, broker->line,
                           "broker '%s' has retry_min_s above retry_max_s; exchange them", broker->name);
    }
}
