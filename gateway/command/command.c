/* SPDX-License-Identifier: Apache-2.0 */
/* Signs a command, sends it to a site and waits for the answer: a centre without software of its own can work
 * today. */
#include <inttypes.h>
#include <jansson.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/command.h"
#include "atalaya/gateway/inbound.h"
#include "atalaya/gateway/json.h"
#include "command/broker_options.h"
#include "command/gather.h"
#include "command/opened.h"
#include "command/signing.h"
#include "mqtt/client.h"
#include "mqtt/inbound_arguments.h"
#include "mqtt/line.h"

enum {
    TURN_MS = 100,
    CONNECT_S = 10,
    WHY_MAX = 640,
    TOPIC_MAX = CONFIG_TEXT_MAX + INBOUND_TOPIC_MAX,
    ANSWER_TEXT_MAX = 128,
    ANSWER_LINE_MAX = 1024,
    EXIT_SILENT = 3
};

struct arguments {
    struct broker_options broker;
    const char *name, *site, *key, *id, *centre;
    const char *distress, *person, *outcome, *unit, *text, *channel, *radio, *kind, *incident;
    double expires_s, wait_s;
    bool test, print;
};

/* A command on its way. */
struct sending {
    struct config_broker broker;
    struct client_trouble trouble;
    char topic[TOPIC_MAX], answer_topic[TOPIC_MAX];
    char *payload;
    bool sent, taken, refused_topic, answered, accepted;
    bool keyed, waits; /* of what goes out by radio: how it stood last */
};

static bool set_argument(json_t *arguments, const char *name, const char *text)
{
    return !text || json_object_set_new(arguments, name, json_string(text)) == 0;
}

/* NULL: some text is not UTF-8. */
static json_t *make_command(const struct arguments *given)
{
    const struct signing_facts facts = {
        .id = given->id, .centre = given->centre, .expires_s = given->expires_s, .test = given->test};
    json_t *arguments = json_object();
    bool good =
        set_argument(arguments, "distress", given->distress) &&
        set_argument(arguments, "person", given->person) &&
        set_argument(arguments, "outcome", given->outcome) && set_argument(arguments, "unit", given->unit) &&
        set_argument(arguments, "text", given->text) && set_argument(arguments, "channel", given->channel) &&
        set_argument(arguments, "radio", given->radio) && set_argument(arguments, "kind", given->kind);
    if (good)
        return signing_make(&facts, arguments);
    json_decref(arguments);
    return NULL;
}

static bool sign(const struct arguments *given, json_t *command)
{
    char why[WHY_MAX];
    struct signature_key key;
    if (!given->key)
        return true;
    if (!signature_key_load(given->key, &key, why, sizeof why)) {
        fprintf(stderr, "atalaya command: %s\n", why);
        return false;
    }
    bool is_signed = signing_sign(command, given->site, given->name, &key);
    signature_key_forget(&key);
    if (!is_signed)
        fprintf(stderr, "atalaya command: that cannot be signed: too long, or control characters in it\n");
    return is_signed;
}

/* Arguments of a command and the options that give them have the same names. */
static bool begins_with_option(const char *detail)
{
    static const char *const names[] = {"distress", "person",  "outcome", "unit",
                                        "text",     "channel", "radio",   "kind"};
    size_t length = strcspn(detail, " ");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && memcmp(detail, names[i], length) == 0)
            return true;
    return false;
}

/* What the site would say about its form, said before anything is sent. */
static bool check_form(const struct arguments *given, const char *payload)
{
    static struct inbound_command command;
    char topic[INBOUND_TOPIC_MAX];
    snprintf(topic, sizeof topic, "site/%.32s/command/%.48s", given->site, given->name);
    inbound_judge(given->site, topic, payload, strlen(payload), false, &command);
    if (command.refusal == INBOUND_ACCEPTED)
        return true;
    if (command.refusal == INBOUND_MALFORMED && begins_with_option(command.detail))
        fprintf(stderr, "atalaya command: --%s; see atalaya command --help\n", command.detail);
    else
        fprintf(stderr, "atalaya command: %s: %s\n", inbound_refusal_text(command.refusal), command.detail);
    return false;
}

static void on_connect(struct mosquitto *client, void *context, int reason, int flags,
                       const mosquitto_property *properties)
{
    (void)flags, (void)properties;
    struct sending *sending = context;
    sending->trouble.answered = true;
    sending->trouble.connack = reason;
    if (reason == 0) /* a dead connection shows at once */
        (void)mosquitto_subscribe_v5(client, NULL, sending->answer_topic, 1, 0, NULL);
}

/* Only now: the answer can be faster than the subscription. */
static void on_subscribe(struct mosquitto *client, void *context, int mid, int count, const int *granted,
                         const mosquitto_property *properties)
{
    (void)mid, (void)properties;
    struct sending *sending = context;
    for (int i = 0; i < count; i++)
        sending->refused_topic = sending->refused_topic || granted[i] >= MQTT_RC_UNSPECIFIED;
    if (!sending->refused_topic && !sending->sent)
        sending->sent = mosquitto_publish_v5(client, NULL, sending->topic, (int)strlen(sending->payload),
                                             sending->payload, 1, false, NULL) == MOSQ_ERR_SUCCESS;
}

static void on_publish(struct mosquitto *client, void *context, int mid, int reason,
                       const mosquitto_property *properties)
{
    (void)client, (void)mid, (void)properties;
    struct sending *sending = context;
    sending->taken = reason < MQTT_RC_UNSPECIFIED && reason != MQTT_RC_NO_MATCHING_SUBSCRIBERS;
    if (!sending->taken)
        fprintf(stderr, "atalaya command: %s\n",
                reason == MQTT_RC_NO_MATCHING_SUBSCRIBERS
                    ? "no site of that name listens at this broker"
                    : "the broker does not let you publish there: check its access list");
}

/* What goes out by radio is answered more than once: when it waits, when it was sent, when it is over. */
static void take_answer(struct sending *sending, const json_t *answer)
{
    const json_t *sent = json_object_get(answer, "transmission");
    const char *result = json_string_value(json_object_get(sent, "result"));
    bool accepted = json_is_true(json_object_get(answer, "accepted"));
    sending->answered = !accepted || !sent || json_is_true(json_object_get(sent, "final"));
    sending->keyed = json_is_true(json_object_get(sent, "sent"));
    sending->waits = !sending->answered;
    sending->accepted = accepted && (!result || strcmp(result, "sent") == 0);
}

static void put_text(struct line *line, const json_t *text, const char *before, const char *after)
{
    if (!json_is_string(text) || !json_string_length(text))
        return;
    line_put(line, "%s", before);
    line_put_foreign(line, json_string_value(text), json_string_length(text), ANSWER_TEXT_MAX);
    line_put(line, "%s", after);
}

/* A sentence for a person, the document for a program. */
static void print_answer(const json_t *answer)
{
    char text[ANSWER_LINE_MAX];
    struct line line;
    const json_t *sent = json_object_get(answer, "transmission");
    if (!isatty(STDOUT_FILENO)) {
        (void)json_dumpf(answer, stdout, JSON_LINE_FLAGS);
        putchar('\n');
        return;
    }
    line_begin(&line, text, sizeof text);
    put_text(&line, json_object_get(answer, "site"), "", ": ");
    line_put(&line, json_is_true(json_object_get(answer, "accepted")) ? "accepted" : "REFUSED");
    put_text(&line, json_object_get(answer, "reason"), " (", ")");
    put_text(&line, json_object_get(answer, "detail"), ": ", "");
    put_text(&line, json_object_get(sent, "result"), "; by radio: ", "");
    (void)puts(text);
}

static void on_message(struct mosquitto *client, void *context, const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    (void)client, (void)properties;
    struct sending *sending = context;
    if (sending->answered || message->payloadlen <= 0)
        return;
    json_t *answer = json_loadb(message->payload, (size_t)message->payloadlen, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(answer)) {
        take_answer(sending, answer);
        print_answer(answer);
        (void)fflush(stdout); /* the next may take long; checked at the end */
    }
    json_decref(answer);
}

static void on_log(struct mosquitto *client, void *context, int level, const char *text)
{
    (void)client;
    struct sending *sending = context;
    client_note_log(&sending->trouble, level, text);
}

static bool goes_on(const struct sending *sending, int64_t until_ns)
{
    return sending->trouble.rc == MOSQ_ERR_SUCCESS && !sending->trouble.connack && !sending->refused_topic &&
           !sending->answered && clock_mono_ns() < until_ns;
}

static int converse(struct sending *sending, double wait_s)
{
    char why[CLIENT_TEXT_MAX] = "", id[40];
    snprintf(id, sizeof id, "atalaya-command-%08" PRIx32, randombytes_random());
    struct mosquitto *client =
        client_create(&sending->broker, id, MQTT_PROTOCOL_V5, true, sending, why, sizeof why);
    if (!client) {
        fprintf(stderr, "atalaya command: %s\n", why);
        return 1;
    }
    mosquitto_connect_v5_callback_set(client, on_connect);
    mosquitto_subscribe_v5_callback_set(client, on_subscribe);
    mosquitto_publish_v5_callback_set(client, on_publish);
    mosquitto_message_v5_callback_set(client, on_message);
    mosquitto_log_callback_set(client, on_log);
    int64_t until_ns = clock_mono_ns() + (int64_t)((CONNECT_S + wait_s) * 1e9);
    bool timed = false;
    (void)client_connect(client, &sending->broker, 0, false,
                         &sending->trouble); /* trouble says how it went */
    while (goes_on(sending, until_ns)) {
        (void)client_pump(client, -1, TURN_MS, &sending->trouble);
        if (sending->sent && !timed) {
            timed = true;
            until_ns = clock_mono_ns() + (int64_t)(wait_s * 1e9);
        }
    }
    if (!sending->answered && !sending->sent && sending->trouble.rc == MOSQ_ERR_SUCCESS)
        sending->trouble.rc =
            sending->trouble.connack || sending->refused_topic ? MOSQ_ERR_SUCCESS : MOSQ_ERR_TIMEOUT;
    if (sending->trouble.rc != MOSQ_ERR_SUCCESS || sending->trouble.connack)
        client_explain(&sending->broker, id, &sending->trouble, why, sizeof why);
    else
        client_leave(client);
    mosquitto_destroy(client);
    if (sending->answered)
        return sending->accepted && fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
    if (sending->waits && !why[0]) {
        fprintf(stderr, "atalaya command: %s; what becomes of it is not known yet: --wait longer\n",
                sending->keyed ? "it was sent" : "it waits at the site");
        return sending->keyed && fflush(stdout) == 0 && !ferror(stdout) ? 0 : EXIT_SILENT;
    }
    if (sending->refused_topic)
        snprintf(why, sizeof why, "the broker does not let you hear the answer: check its access list");
    fprintf(stderr, "atalaya command: %s\n",
            why[0] ? why : "no answer: the site is away, or does not listen here");
    return sending->sent ? EXIT_SILENT : 1;
}

static int send_command(const struct arguments *given)
{
    struct sending sending = {0};
    int status = EXIT_USAGE;
    json_t *command = make_command(given);
    if (!command)
        fprintf(stderr, "atalaya command: an option is not UTF-8\n");
    else if (sign(given, command)) {
        sending.payload = json_dumps(command, JSON_COMPACT);
        bool good = sending.payload && check_form(given, sending.payload) &&
                    broker_options_take("command", &given->broker, &sending.broker);
        snprintf(sending.topic, sizeof sending.topic, "%s/site/%s/command/%s", sending.broker.prefix,
                 given->site, given->name);
        snprintf(sending.answer_topic, sizeof sending.answer_topic, "%s/site/%s/response/%s",
                 sending.broker.prefix, given->site, json_string_value(json_object_get(command, "id")));
        if (good && given->print)
            status = puts(sending.payload) == EOF;
        else if (good)
            status = converse(&sending, given->wait_s);
    } else
        status = 1;
    free(sending.payload);
    json_decref(command);
    return status;
}

/* The same step at every site that heard the call, each signed for itself. */
static int send_to_all(struct arguments *given)
{
    static struct gathered found;
    struct config_broker broker;
    int status = 0;
    if (!broker_options_take("command", &given->broker, &broker))
        return EXIT_USAGE;
    struct reader_key *reader;
    if (!opened_key("command", given->broker.reader_key, &reader))
        return 1;
    bool asked = gather_incident("command", &broker, reader, given->incident, &found);
    reader_key_destroy(reader);
    if (!asked)
        return 1;
    if (found.count == 0) {
        fprintf(stderr, "atalaya command: no site has an open incident %s\n", given->incident);
        return 1;
    }
    for (unsigned i = 0; i < found.count; i++) {
        given->site = found.of[i].site;
        given->distress = found.of[i].distress;
        int sent = send_command(given);
        status = sent > status ? sent : status;
    }
    return status;
}

/* NULL, or what is wrong with the command line. */
static const char *fault_of(const struct arguments *given, int argc)
{
    char site[CONFIG_NAME_MAX];
    if (argc != 2 || inbound_what_find(given->name) == INBOUND_WHAT_COUNT)
        return "needs the name of one command: received, acknowledge, clear, message, ping, transmit or "
               "reload";
    if (!(given->expires_s > 0 && given->expires_s <= INBOUND_LIFE_MAX_S && given->wait_s >= 0 &&
          given->wait_s <= INBOUND_LIFE_MAX_S))
        return "--expires is above 0, --wait from 0, and both at most a day (86400)";
    if (given->incident)
        return given->site || given->distress || given->id
                   ? "--incident stands alone: without --site, --distress and --id"
                   : NULL;
    if (!given->site)
        return "needs --site, or --incident";
    return inbound_copy_id(site, sizeof site, given->site, strlen(given->site))
               ? NULL
               : "the name of a site is 1 to 32 of A-Z a-z 0-9 . _ -";
}

static int run(int argc, char **argv)
{
    struct arguments given = {.broker = BROKER_OPTIONS_DEFAULT, .expires_s = 60, .wait_s = 15};
    const struct option_row rows[] = {
        {"site", 's', OPTION_TEXT, &given.site, "SITE", "which tower"},
        {"key", 'k', OPTION_TEXT, &given.key, "FILE", "sign with this private key (atalaya key make)"},
        {"distress", 'd', OPTION_TEXT, &given.distress, "ID", "for received, acknowledge and clear"},
        {"incident", 'i', OPTION_TEXT, &given.incident, "ID",
         "instead of --site and --distress: at every site that has it"},
        {"person", 0, OPTION_TEXT, &given.person, "NAME", "who acknowledges or clears"},
        {"outcome", 0, OPTION_TEXT, &given.outcome, "WORD", "for clear: cleared, false_alarm or exercise"},
        {"unit", 0, OPTION_TEXT, &given.unit, "UNIT", "for message"},
        {"radio", 0, OPTION_TEXT, &given.radio, "ID", "of that unit, as protocol.id; for message"},
        {"kind", 0, OPTION_TEXT, &given.kind, "WORD",
         "for message: call_alert or radio_check, without a text"},
        {"channel", 0, OPTION_TEXT, &given.channel, "NAME", "for transmit"},
        {"text", 't', OPTION_TEXT, &given.text, "TEXT", "for message and transmit"},
        {"test", 0, OPTION_FLAG, &given.test, NULL, "a drill: it does nothing to a real distress"},
        {"centre", 0, OPTION_TEXT, &given.centre, "NAME", "who asks; needed only without a key"},
        {"id", 0, OPTION_TEXT, &given.id, "ID", "of this command; a new one unless given"},
        {"expires", 0, OPTION_NUMBER, &given.expires_s, "S",
         "worth nothing after S seconds; 60 unless given"},
        {"wait", 0, OPTION_NUMBER, &given.wait_s, "S",
         "for the answer, and until what is to be sent was sent; 15 unless given"},
        {"print", 0, OPTION_FLAG, &given.print, NULL, "print the signed command instead of sending it"},
        BROKER_OPTION_ROWS(given.broker),
    };
    int status = options_parse(&command_command, rows, sizeof rows / sizeof *rows, &argc, argv);
    if (status >= 0)
        return status;
    given.name = argc > 1 ? argv[1] : "";
    const char *fault = fault_of(&given, argc);
    if (fault) {
        fprintf(stderr, "atalaya command: %s; see atalaya command --help\n", fault);
        return EXIT_USAGE;
    }
    if (sodium_init() < 0)
        return 1;
    return given.incident ? send_to_all(&given) : send_command(&given);
}

const struct command command_command = {
    .name = "command",
    .arguments = "received|acknowledge|clear|message|ping|transmit|reload --site SITE --key FILE [OPTIONS]",
    .summary = "sign a command to a site, send it, and print the answer (status: 0 accepted, 1 refused, 3 no "
               "answer)",
    .run = run,
};
