/* SPDX-License-Identifier: Apache-2.0 */
/* A dispatcher's view: what the sites behind a broker say, a line each. */
#include <mqtt_protocol.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/command.h"
#include "atalaya/gateway/config.h"
#include "command/broker_options.h"
#include "command/opened.h"
#include "command/receipt.h"
#include "lifecycle/signature.h"
#include "mqtt/client.h"
#include "mqtt/cot.h"
#include "mqtt/feed.h"
#include "mqtt/feed_health.h"

enum { TURN_MS = 200, RETRY_MS = 1000, CONNECT_S = 10, SILENT_S = 5, WHY_MAX = 640 };

struct watch {
    struct config_broker broker;
    struct client_trouble trouble;
    char id[32];
    int version;
    bool colour, subscribed, ever, broken_pipe, activity; /* ever: subscribed once */
    bool heard;                                           /* of any site, or told that nothing was */
    int64_t subscribed_ns;
    struct cot_book *cot;      /* NULL: lines for people */
    unsigned count, printed;   /* count 0 = no end */
    int64_t until_ns;          /* INT64_MAX = no end */
    struct reader_key *reader; /* NULL: what is sealed stays closed */
    bool receives;             /* says `received` to every distress, signed with this key */
    struct signature_key key;
    struct receipt_book receipts;
    struct feed_health_book health;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static bool is_over(const struct watch *watch)
{
    return interrupted || watch->broken_pipe || (watch->count > 0 && watch->printed >= watch->count) ||
           clock_mono_ns() >= watch->until_ns;
}

static void on_connect(struct mosquitto *client, void *context, int reason, int flags,
                       const mosquitto_property *properties)
{
    (void)flags, (void)properties;
    struct watch *watch = context;
    watch->trouble.answered = true;
    watch->trouble.connack = reason;
    const struct {
        const char *below;
        bool wanted;
    } rows[] = {{"position/#", true},           {"distress/#", true},    {"message/#", !watch->cot},
                {"status", !watch->cot},        {"health", !watch->cot}, {"activity/+", watch->activity},
                {"response/+", watch->receives}};
    for (size_t i = 0; reason == 0 && i < sizeof rows / sizeof *rows; i++) {
        char topic[CONFIG_TEXT_MAX + 32];
        snprintf(topic, sizeof topic, "%s/site/+/%s", watch->broker.prefix, rows[i].below);
        if (rows[i].wanted) /* a dead connection shows at once */
            (void)mosquitto_subscribe_v5(client, NULL, topic, 1, 0, NULL);
    }
}

static void on_subscribe(struct mosquitto *client, void *context, int mid, int count, const int *granted,
                         const mosquitto_property *properties)
{
    (void)client, (void)mid, (void)properties;
    struct watch *watch = context;
    for (int i = 0; i < count; i++)
        if (granted[i] >= MQTT_RC_UNSPECIFIED)
            fprintf(stderr, "atalaya watch: the broker refuses a subscription: check its access list\n");
    if (!watch->subscribed)
        fprintf(stderr, "watching %s/site/+ at %s:%u\n", watch->broker.prefix, watch->broker.host,
                watch->broker.port);
    if (!watch->subscribed)
        watch->subscribed_ns = clock_mono_ns();
    watch->subscribed = watch->ever = true;
}

/* Every site that there ever was left its status there; a map is told of none. */
static void tell_silence(struct watch *watch)
{
    if (watch->heard || watch->cot || !watch->subscribed ||
        clock_mono_ns() - watch->subscribed_ns < SILENT_S * INT64_C(1000000000))
        return;
    fprintf(stderr,
            "atalaya watch: no site has ever said anything below %s/site: is the prefix right, may this user "
            "read it, and has a site reached this broker?\n",
            watch->broker.prefix);
    watch->heard = true;
}

/* Lost with the connection, it is made again when the retained distress comes again: at the next connection.
 */
static void give_receipt(struct watch *watch, struct mosquitto *client, const char *about,
                         const struct opened *opened)
{
    char topic[RECEIPT_TOPIC_MAX];
    char *text = receipt_make(&watch->receipts, &watch->key, watch->broker.prefix, about, opened->payload,
                              opened->length, topic);
    if (text && mosquitto_publish_v5(client, NULL, topic, (int)strlen(text), text, 1, false, NULL) !=
                    MOSQ_ERR_SUCCESS)
        fprintf(stderr, "atalaya watch: the receipt of a distress could not be sent\n");
    free(text);
}

/* With the end of its line. */
static bool format(struct watch *watch, const struct feed_options *options, const char *topic,
                   const struct opened *opened, char text[COT_TEXT_MAX])
{
    if (watch->cot)
        return cot_format(watch->cot, options, topic, opened->payload, opened->length, text);
    bool any = feed_health_is_news(&watch->health, topic, opened->payload, opened->length) &&
               feed_format(options, topic, opened->payload, opened->length, text);
    return any && strcat(text, "\n");
}

static void on_message(struct mosquitto *client, void *context, const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    (void)properties;
    struct watch *watch = context;
    struct opened opened;
    char text[COT_TEXT_MAX];
    if (message->payloadlen < 0)
        return;
    struct feed_options options = {
        .prefix = watch->broker.prefix, .colour = watch->colour, .now_utc_ns = clock_utc_ns()};
    bool open =
        opened_look(watch->reader, message->payload, (size_t)message->payloadlen, &opened, &options.closed);
    watch->heard = true;
    if (watch->receives && open && opened.length > 0)
        give_receipt(watch, client, message->topic, &opened);
    char refusal[RECEIPT_TEXT_MAX];
    if (watch->receives && receipt_refused(&watch->receipts, watch->broker.prefix, message->topic,
                                           message->payload, (size_t)message->payloadlen, refusal))
        fprintf(stderr, "atalaya watch: %s\n", refusal);
    if (!is_over(watch) && format(watch, &options, message->topic, &opened, text)) {
        watch->broken_pipe = fputs(text, stdout) == EOF || fflush(stdout) == EOF;
        watch->printed++;
    }
    opened_drop(&opened);
}

static void on_log(struct mosquitto *client, void *context, int level, const char *text)
{
    (void)client;
    struct watch *watch = context;
    client_note_log(&watch->trouble, level, text);
}

/* One connection, until it ends or the watching does. */
static void run_connection(struct watch *watch, char *why, size_t size)
{
    watch->trouble = (struct client_trouble){0};
    watch->receipts = (struct receipt_book){0}; /* what was on its way may be lost: said again */
    why[0] = '\0';
    struct mosquitto *client =
        client_create(&watch->broker, watch->id, watch->version, true, watch, why, size);
    if (!client)
        return;
    mosquitto_connect_v5_callback_set(client, on_connect);
    mosquitto_subscribe_v5_callback_set(client, on_subscribe);
    mosquitto_message_v5_callback_set(client, on_message);
    mosquitto_log_callback_set(client, on_log);
    int64_t deadline_ns = clock_mono_ns() + CONNECT_S * INT64_C(1000000000);
    (void)client_connect(client, &watch->broker, 0, false, &watch->trouble);
    while (!is_over(watch) && watch->trouble.rc == MOSQ_ERR_SUCCESS && !watch->trouble.connack) {
        (void)client_pump(client, -1, TURN_MS, &watch->trouble);
        tell_silence(watch);
        if (!watch->trouble.answered && clock_mono_ns() > deadline_ns)
            watch->trouble.rc = MOSQ_ERR_TIMEOUT;
    }
    if (watch->trouble.rc == MOSQ_ERR_SUCCESS && !watch->trouble.connack)
        client_leave(client);
    else
        client_explain(&watch->broker, watch->id, &watch->trouble, why, size);
    mosquitto_destroy(client);
}

static int watch_brokers(struct watch *watch)
{
    char why[CLIENT_TEXT_MAX], said[CLIENT_TEXT_MAX] = "";
    while (!is_over(watch)) {
        run_connection(watch, why, sizeof why);
        if (is_over(watch))
            break;
        bool refused_v5 = watch->version == MQTT_PROTOCOL_V5 && watch->trouble.reached &&
                          (!watch->trouble.answered || watch->trouble.connack == 1 ||
                           watch->trouble.connack == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION);
        if (watch->subscribed)
            said[0] = '\0'; /* it was there again meanwhile */
        watch->version = refused_v5 ? MQTT_PROTOCOL_V311 : MQTT_PROTOCOL_V5;
        watch->subscribed = false;
        if (refused_v5 && watch->trouble.answered)
            continue;
        if (strcmp(why, said) != 0)
            fprintf(stderr, "atalaya watch: %s; trying again\n", why);
        memcpy(said, why, sizeof said);
        (void)poll(NULL, 0, RETRY_MS);
    }
    if (watch->count > 0 && watch->printed < watch->count && !interrupted) {
        fprintf(stderr, "atalaya watch: %u of %u lines came\n", watch->printed, watch->count);
        return EXIT_FAILURE;
    }
    return watch->broken_pipe || (!watch->ever && !interrupted) ? EXIT_FAILURE : EXIT_SUCCESS;
}

struct arguments {
    struct broker_options broker;
    const char *config, *receive;
    unsigned count;
    double seconds;
    bool activity, cot;
};

static bool take_configuration(const char *path, struct config_broker *broker)
{
    struct config *config = NULL;
    if (config_load(path, &config, config_complain_errors_to_stderr, NULL) != ATALAYA_OK)
        return false;
    bool any = config->broker_count > 0;
    if (any)
        *broker = config->broker[0];
    else
        fprintf(stderr, "atalaya watch: %s names no broker\n", path);
    config_free(config);
    return any;
}

static int watch(const struct arguments *given)
{
    static struct watch state; /* large */
    state = (struct watch){.version = MQTT_PROTOCOL_V5,
                           .count = given->count,
                           .until_ns = INT64_MAX,
                           .activity = given->activity};
    if (!(given->config ? take_configuration(given->config, &state.broker)
                        : broker_options_take("watch", &given->broker, &state.broker)))
        return EXIT_FAILURE;
    char reason[WHY_MAX];
    if (!opened_key("watch", given->broker.reader_key, &state.reader))
        return EXIT_FAILURE;
    state.receives = given->receive != NULL;
    if (state.receives && !signature_key_load(given->receive, &state.key, reason, sizeof reason)) {
        fprintf(stderr, "atalaya watch: %s\n", reason);
        return EXIT_FAILURE;
    }
    struct cot_book book = {.next = 0};
    state.cot = given->cot ? &book : NULL;
    if (given->seconds > 0.0 && given->seconds < 1e9)
        state.until_ns = clock_mono_ns() + (int64_t)(given->seconds * 1e9);
    const char *no_colour = getenv("NO_COLOR");
    state.colour = isatty(STDOUT_FILENO) && !(no_colour && no_colour[0]);
    snprintf(state.id, sizeof state.id, "atalaya-watch-%ld", (long)getpid());
    struct sigaction action = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    if (sigaction(SIGINT, &action, NULL) != 0 || sigaction(SIGTERM, &action, NULL) != 0 ||
        sigaction(SIGPIPE, &ignore, NULL) != 0)
        return EXIT_FAILURE;
    int status = watch_brokers(&state);
    signature_key_forget(&state.key);
    reader_key_destroy(state.reader);
    return status;
}

static int run(int argc, char **argv)
{
    struct arguments given = {.broker = BROKER_OPTIONS_DEFAULT};
    const struct option_row rows[] = {
        BROKER_OPTION_ROWS(given.broker),
        {"config", 'c', OPTION_TEXT, &given.config, "FILE",
         "the first broker of a site's configuration instead"},
        {"receive", 0, OPTION_TEXT, &given.receive, "KEY",
         "be the centre's system: say `received` to every distress, signed with this key"},
        {"activity", 'a', OPTION_FLAG, &given.activity, NULL, "who is on which channel, too, decoded or not"},
        {"cot", 0, OPTION_FLAG, &given.cot, NULL,
         "Cursor on Target events for TAK instead: positions, calls as alerts"},
        {"count", 'n', OPTION_COUNT, &given.count, "N", "end after N lines"},
        {"seconds", 's', OPTION_NUMBER, &given.seconds, "S", "end after S seconds"},
    };
    int status = options_parse(&command_watch, rows, sizeof rows / sizeof *rows, &argc, argv);
    if (status >= 0)
        return status;
    if (argc > 1 || given.seconds < 0.0) {
        fprintf(stderr, "atalaya watch: %s; see atalaya watch --help\n",
                argc > 1 ? "it takes options only" : "--seconds is above 0");
        return EXIT_USAGE;
    }
    if (given.cot && given.activity) {
        fprintf(stderr, "atalaya watch: --activity has no place on a map; leave it or --cot away\n");
        return EXIT_USAGE;
    }
    return watch(&given);
}

const struct command command_watch = {
    .name = "watch",
    .arguments = "[OPTIONS]",
    .summary = "show what the sites behind a broker say, a line each",
    .run = run,
};
