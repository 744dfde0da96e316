/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya send`: says a text from a transmitter of the configuration, without broker, key and gateway: does
 * the key go up, is the deviation right? It hears nothing itself: whoever sends says that the channel is
 * free. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/command.h"
#include "atalaya/gateway/config.h"
#include "atalaya/gateway/transmitter.h"
#include "owner.h"
#include "transmit/routes.h"
#include "words.h"

enum { TIMES_MAX = 100, WHY_MAX = 256 };
static const int64_t life_ns = INT64_C(5000000000);

struct arguments {
    const char *config, *text;
    unsigned times;
    bool now;
};

/* What the transmitter's thread tells. */
struct outcome {
    pthread_mutex_t lock;
    bool told;
    enum transmit_result result;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static void on_done(void *context, const struct transmit_report *report)
{
    struct outcome *outcome = context;
    if (report->waits)
        return;
    pthread_mutex_lock(&outcome->lock);
    outcome->told = true;
    outcome->result = report->result;
    pthread_mutex_unlock(&outcome->lock);
}

/* Waits for it; false: interrupted. */
static bool wait_for(struct outcome *outcome, enum transmit_result *result)
{
    const struct timespec nap = {.tv_nsec = 20000000};
    for (bool told = false; !told && !interrupted; (void)nanosleep(&nap, NULL)) {
        pthread_mutex_lock(&outcome->lock);
        told = outcome->told;
        *result = outcome->result;
        pthread_mutex_unlock(&outcome->lock);
    }
    return !interrupted;
}

/* A tower that heard it would raise a distress. */
static bool calls_for_help(const struct config *config, const struct message *message)
{
    struct words *words;
    struct words_verdict verdict;
    if (words_create(&config->distress, &words) != ATALAYA_OK)
        return true;
    words_set_codes(words, config->code, config->code_count);
    words_judge(words, message, &verdict);
    words_destroy(words);
    return verdict.distress != DISTRESS_NONE;
}

static const char *compose(const struct config *config, const struct way *way, const char *text,
                           struct message *message)
{
    const struct protocol *protocol = way->row->protocol;
    const struct protocol_say say = {
        .what = SAY_TEXT, .from = way->from, .to = "", .text = text, .number = ""};
    bool asks;
    message_reset(message, way->row->id, protocol->address_space);
    if (!protocol->say || !protocol->compose || protocol->say(&say, message, &asks) != ATALAYA_OK)
        return "that cannot be said in the channel's protocol";
    if (calls_for_help(config, message))
        return "these words call for help: a tower that hears them would raise a distress";
    return protocol->compose(message) == ATALAYA_OK ? NULL : "that cannot be said in the channel's protocol";
}

/* Its index; -1 with *why [size: WHY_MAX]: not here. */
static int find(struct config *config, const char *name, struct way *way, char *why)
{
    unsigned i = 0;
    struct routes *routes;
    while (name && i < config->transmitter_count && strcmp(config->transmitter[i].name, name) != 0)
        i++;
    if (i >= config->transmitter_count || !config->transmitter[i].channel[0]) {
        snprintf(why, WHY_MAX, "the configuration has no transmitter%s%s", name ? " " : "", name ? name : "");
        return -1;
    }
    if (routes_create(config, &routes) != ATALAYA_OK)
        return -1;
    bool found = routes_to_all(routes, config->transmitter[i].channel, way);
    routes_destroy(routes);
    if (found && way->kind == WAY_TRANSMITTER && way->index == i)
        return (int)i;
    snprintf(why, WHY_MAX,
             found ? "a TNC or base radio keys for transmitter %s: atalaya run, then atalaya command transmit"
                   : "no protocol on the channel of transmitter %s says anything to all",
             config->transmitter[i].name);
    return -1;
}

static int say_it(struct config *config, unsigned index, const struct arguments *given,
                  struct transmit_request *request)
{
    struct outcome outcome = {.lock = PTHREAD_MUTEX_INITIALIZER};
    const struct transmitter_setting setting = {
        .config = config, .index = index, .done = on_done, .context = &outcome};
    struct transmitter *transmitter;
    enum transmit_result result = TRANSMIT_REFUSED;
    int status = 0;
    enum atalaya_result made = transmitter_create(&setting, &transmitter);
    if (made != ATALAYA_OK) {
        fprintf(stderr, "atalaya send: %s\n", atalaya_result_text(made));
        return 1;
    }
    for (unsigned i = 0; i < given->times && status == 0; i++) {
        outcome.told = false; /* nothing is under way: nobody else writes */
        request->id = i + 1;
        request->until_mono_ns = clock_mono_ns() + life_ns;
        if (transmitter_put(transmitter, request) != ATALAYA_OK || !wait_for(&outcome, &result))
            status = 1;
        else {
            status = result == TRANSMIT_SENT ? 0 : 1;
            printf("%s %u of %u: %s\n", status ? "FAIL" : "ok  ", i + 1, given->times,
                   transmit_result_text(result));
            (void)fflush(stdout);
        }
        if (status == 0 && i + 1 < given->times)
            (void)nanosleep(&(const struct timespec){.tv_sec = 1}, NULL);
    }
    struct transmitter_figures figures;
    transmitter_figures(transmitter, &figures);
    transmitter_destroy(transmitter); /* lets go of the key, whatever happened */
    if (result == TRANSMIT_DEVICE_LOST)
        fprintf(stderr, "atalaya send: %s; atalaya check says more\n",
                figures.key_present ? "its sound device is not there" : "its key is not there");
    return interrupted ? 1 : status;
}

static int run(int argc, char **argv)
{
    static struct transmit_request request; /* large */
    struct arguments given = {.config = "/etc/atalaya/atalaya.conf", .times = 1};
    const struct option_row rows[] = {
        {"config", 'c', OPTION_TEXT, &given.config, "FILE", "the configuration (/etc/atalaya/atalaya.conf)"},
        {"text", 't', OPTION_TEXT, &given.text, "TEXT", "what is said (TEST of the site's id)"},
        {"times", 'n', OPTION_COUNT, &given.times, "N", "so often, a second apart (1)"},
        {"now", 0, OPTION_FLAG, &given.now, NULL, "the channel is free: this command does not listen first"},
    };
    int status = options_parse(&command_send, rows, sizeof rows / sizeof *rows, &argc, argv);
    if (status >= 0)
        return status;
    if (argc > 2 || given.times < 1 || given.times > TIMES_MAX || !given.now) {
        fprintf(stderr, "atalaya send: %s; see atalaya send --help\n",
                argc > 2     ? "one TRANSMITTER"
                : !given.now ? "it does not listen first: hear that the channel is free, then --now"
                             : "--times is 1 to 100");
        return EXIT_USAGE;
    }
    struct config *config;
    char text[CONFIG_TEXT_MAX], why[WHY_MAX] = "out of memory";
    struct way way;
    if (config_load(given.config, &config, config_complain_errors_to_stderr, NULL) != ATALAYA_OK)
        return EXIT_USAGE;
    snprintf(text, sizeof text, "TEST of %s", config->site.id);
    int index = find(config, argc > 1 ? argv[1] : NULL, &way, why);
    const char *fault =
        index < 0 ? why : compose(config, &way, given.text ? given.text : text, &request.message);
    if (!fault && owner_gateway_runs(config->spool.path))
        fault = "the gateway runs and holds that radio: atalaya command transmit, or stop it first";
    struct sigaction action = {.sa_handler = on_signal};
    if (fault || sigaction(SIGINT, &action, NULL) != 0 || sigaction(SIGTERM, &action, NULL) != 0) {
        fprintf(stderr, "atalaya send: %s\n", fault ? fault : "no signals");
        config_free(config);
        return 1;
    }
    config->transmitter[index].carrier = CARRIER_NONE; /* there is no ear here: --now is the person's */
    request.priority = TRANSMIT_ROUTINE;
    request.row = way.row;
    status = say_it(config, (unsigned)index, &given, &request);
    config_free(config);
    return status;
}

const struct command command_send = {
    .name = "send",
    .arguments = "[TRANSMITTER] --now [OPTIONS]",
    .summary =
        "say a test text from a transmitter, to set its level and see its key, without broker or gateway",
    .run = run,
};
