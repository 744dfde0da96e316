/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya listen`: the engineer's view of what is heard, from a source of this machine or from a running
 * gateway; without a terminal in plain lines. */
#include <math.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/command.h"
#include "atalaya/gateway/log.h"
#include "command/broker_options.h"
#include "command/opened.h"
#include "command/source_options.h"
#include "listen/local.h"
#include "listen/remote.h"
#include "listen/terminal.h"
#include "mqtt/client.h"

enum { TURN_MS = 100, RETRY_S = 2, SILENT_S = 5 };
static const double step_hz = 12500, step_db = 2;
static const char keys_local[] =
    "q quit   + - gain   a automatic   left right 12.5 kHz   up down half a band";
static const char keys_remote[] = "q quit";

static struct {
    struct source_options source;
    struct broker_options broker;
    const char *site;
    double seconds, interval_s, refresh_hz;
    bool fast;
} options = {
    .source = SOURCE_OPTIONS_DEFAULT, .broker = BROKER_OPTIONS_DEFAULT, .interval_s = 10, .refresh_hz = 2};

struct view {
    struct terminal *terminal; /* NULL: plain lines */
    struct listen_model model;
    int64_t begin_ns, drawn_ns, listed_ns;
    bool broken_pipe, quit;
    char stated[LISTEN_TEXT_MAX]; /* the state that was printed last */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static void print_line(void *context, const char *line)
{
    struct view *view = context;
    struct tm local;
    time_t now = time(NULL);
    if (view->terminal)
        return;
    if (localtime_r(&now, &local))
        printf("%02d:%02d:%02d ", local.tm_hour, local.tm_min, local.tm_sec);
    view->broken_pipe = puts(line) == EOF || fflush(stdout) == EOF;
}

/* Without a terminal: what is listened to and how it is, when that changes. */
static void list_state(struct view *view)
{
    if (!view->model.state[0] || strcmp(view->model.state, view->stated) == 0)
        return;
    memcpy(view->stated, view->model.state, sizeof view->stated);
    print_line(view, view->stated);
}

static void list_level(struct view *view, struct local *local)
{
    char text[LISTEN_TEXT_MAX];
    if (local && local_level(local, text))
        print_line(view, text);
}

/* Without a terminal: the levels, now and then. */
static void list_channels(struct view *view, struct local *local)
{
    char text[LISTEN_TEXT_MAX];
    list_level(view, local);
    for (unsigned i = 0; i < view->model.channel_count; i++) {
        const struct listen_channel *channel = &view->model.channels[i];
        if (!isfinite(channel->level_dbfs))
            continue;
        snprintf(text, sizeof text, "%s %s%.0f dBFS, noise %.0f, sent %llu, read %llu", channel->name,
                 channel->open ? "busy " : "", (double)channel->level_dbfs, (double)channel->floor_dbfs,
                 (unsigned long long)channel->transmissions, (unsigned long long)channel->bursts);
        print_line(view, text);
    }
}

static bool is_over(const struct view *view)
{
    return interrupted || view->broken_pipe || view->quit ||
           (options.seconds > 0 && view->model.now_s >= options.seconds);
}

/* What is due; local NULL: a gateway is listened to. */
static void turn(struct view *view, struct local *local)
{
    int64_t now_ns = clock_mono_ns();
    unsigned rows, columns = 0;
    char text[LISTEN_TEXT_MAX];
    view->model.now_s = (double)(now_ns - view->begin_ns) * 1e-9;
    if ((double)(now_ns - view->drawn_ns) * 1e-9 < 1.0 / options.refresh_hz)
        return;
    view->drawn_ns = now_ns;
    if (view->terminal) {
        terminal_size(view->terminal, &rows, &columns);
        columns = columns > 30 ? columns - 10 : columns;
        while (terminal_error(view->terminal, text))
            listen_say(&view->model, "%s", text);
    }
    if (local)
        local_refresh(local, columns);
    if (view->terminal) {
        terminal_show(view->terminal, &view->model);
        return;
    }
    list_state(view);
    if ((double)(now_ns - view->listed_ns) * 1e-9 >= options.interval_s) {
        view->listed_ns = now_ns;
        list_channels(view, local);
    }
}

static void obey(struct view *view, struct local *local)
{
    int key = view->terminal ? terminal_key(view->terminal) : KEY_NONE;
    if (key == 'q')
        view->quit = true;
    if (!local)
        return;
    double half_hz = floor(local_rate_hz(local) / 2 / step_hz) * step_hz;
    if (key == '+' || key == '-')
        local_gain(local, key == '+' ? step_db : -step_db);
    else if (key == 'a')
        local_gain(local, (double)NAN);
    else if (key == KEY_LEFT || key == KEY_RIGHT)
        local_tune(local, key == KEY_RIGHT ? step_hz : -step_hz);
    else if (key == KEY_UP || key == KEY_DOWN)
        local_tune(local, key == KEY_UP ? half_hz : -half_hz);
}

static void begin_view(struct view *view, const char *title, const char *keys)
{
    view->terminal = terminal_open();
    view->begin_ns = view->listed_ns = clock_mono_ns();
    snprintf(view->model.title, sizeof view->model.title, "atalaya listen  %.200s", title);
    snprintf(view->model.keys, sizeof view->model.keys, "%s", keys);
}

static int listen_here(struct view *view, const char *name)
{
    struct local *local;
    struct config *config = calloc(1, sizeof *config);
    if (!config || !source_options_take("listen", &options.source, name, config)) {
        free(config);
        return EXIT_USAGE;
    }
    if (!options.source.words && !options.source.config)
        config->source[0].pace = !options.fast;
    log_set_level(LOG_LEVEL_WARNING);
    enum atalaya_result result =
        local_create(&options.source, config, &view->model, print_line, view, &local);
    if (result == ATALAYA_OK) {
        begin_view(view, name ? name : config->source[0].device, keys_local);
        while (!is_over(view) && (result = local_step(local)) == ATALAYA_OK) {
            turn(view, local);
            obey(view, local);
        }
        while (view->terminal && result == ATALAYA_END &&
               !is_over(view)) { /* a recording's end stays to be read */
            snprintf(view->model.state, sizeof view->model.state, "%s", "the recording is over");
            turn(view, NULL);
            obey(view, NULL);
            (void)poll(NULL, 0, TURN_MS);
        }
        if (!view->terminal) /* of what came since the last time */
            list_level(view, local);
        local_destroy(local);
        terminal_close(view->terminal);
    }
    free(config);
    if (result == ATALAYA_OK || result == ATALAYA_END)
        return 0;
    fprintf(stderr, "atalaya listen: %s\n", atalaya_result_text(result));
    return 1;
}

/* --- a running gateway --- */

struct remote {
    struct view *view;
    struct config_broker broker;
    struct client_trouble trouble;
    struct reader_key *reader; /* NULL: what is sealed stays closed */
    bool ever;                 /* a broker let it in once */
    bool heard;                /* of any site */
    int64_t connected_ns;
};

static void on_connect(struct mosquitto *client, void *context, int reason, int flags,
                       const mosquitto_property *properties)
{
    static const char *const below[] = {"info", "health", "rx", "activity/+"};
    struct remote *remote = context;
    (void)flags, (void)properties;
    remote->trouble.answered = true;
    remote->trouble.connack = reason;
    remote->ever = remote->ever || reason == 0;
    remote->connected_ns = clock_mono_ns();
    for (size_t i = 0; reason == 0 && i < sizeof below / sizeof *below; i++) {
        char topic[CONFIG_TEXT_MAX * 2 + 32];
        snprintf(topic, sizeof topic, "%s/site/%.128s/%s", remote->broker.prefix,
                 options.site ? options.site : "+", below[i]);
        (void)mosquitto_subscribe_v5(client, NULL, topic, 0, 0, NULL); /* a dead connection shows at once */
    }
}

static void on_message(struct mosquitto *client, void *context, const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    struct remote *remote = context;
    char line[LISTEN_TEXT_MAX];
    size_t prefix = strlen(remote->broker.prefix);
    struct opened opened;
    const char *why;
    (void)client, (void)properties;
    if (message->payloadlen <= 0 || strncmp(message->topic, remote->broker.prefix, prefix) != 0 ||
        message->topic[prefix] != '/')
        return;
    remote->heard = true;
    if (!opened_look(remote->reader, message->payload, (size_t)message->payloadlen, &opened, &why))
        snprintf(remote->view->model.state, sizeof remote->view->model.state, "%s", why);
    else if (listen_hear_document(&remote->view->model, !options.site, message->topic + prefix + 1,
                                  opened.payload, opened.length, line))
        print_line(remote->view, line);
    opened_drop(&opened);
}

static void on_log(struct mosquitto *client, void *context, int level, const char *text)
{
    (void)client;
    client_note_log(&((struct remote *)context)->trouble, level, text);
}

/* Every site that there ever was left its description there. */
static void tell_silence(struct remote *remote)
{
    if (remote->heard || !remote->trouble.answered ||
        clock_mono_ns() - remote->connected_ns < SILENT_S * INT64_C(1000000000))
        return;
    snprintf(
        remote->view->model.state, sizeof remote->view->model.state,
        "nothing was ever said below %.100s/site/%.40s: are prefix and site right, and may this user read "
        "it?",
        remote->broker.prefix, options.site ? options.site : "+");
}

/* One connection, until it ends or the view does. */
static void converse(struct remote *remote, const char *id, char *why, size_t size)
{
    struct view *view = remote->view;
    remote->trouble = (struct client_trouble){0};
    struct mosquitto *client = client_create(&remote->broker, id, MQTT_PROTOCOL_V5, true, remote, why, size);
    if (!client)
        return;
    mosquitto_connect_v5_callback_set(client, on_connect);
    mosquitto_message_v5_callback_set(client, on_message);
    mosquitto_log_callback_set(client, on_log);
    (void)client_connect(client, &remote->broker, 0, false, &remote->trouble);
    while (!is_over(view) && remote->trouble.rc == MOSQ_ERR_SUCCESS && !remote->trouble.connack) {
        (void)client_pump(client, -1, TURN_MS, &remote->trouble);
        tell_silence(remote);
        turn(view, NULL);
        obey(view, NULL);
    }
    if (remote->trouble.rc == MOSQ_ERR_SUCCESS && !remote->trouble.connack)
        client_leave(client);
    else
        client_explain(&remote->broker, id, &remote->trouble, why, size);
    mosquitto_destroy(client);
}

static int listen_there(struct view *view)
{
    struct remote remote = {.view = view};
    char id[40], why[CLIENT_TEXT_MAX], said[CLIENT_TEXT_MAX] = "", title[LISTEN_TEXT_MAX / 2];
    if (!broker_options_take("listen", &options.broker, &remote.broker))
        return EXIT_USAGE;
    if (!opened_key("listen", options.broker.reader_key, &remote.reader))
        return 1;
    snprintf(id, sizeof id, "atalaya-listen-%ld", (long)getpid());
    snprintf(title, sizeof title, "%.40s at %.60s", options.site ? options.site : "all sites",
             remote.broker.host);
    begin_view(view, title, keys_remote);
    while (!is_over(view)) {
        why[0] = '\0';
        converse(&remote, id, why, sizeof why);
        int64_t until_ns = clock_mono_ns() + (int64_t)RETRY_S * 1000000000;
        bool was_there = remote.trouble.answered && !remote.trouble.connack;
        if (why[0] && !view->terminal && (was_there || strcmp(why, said) != 0))
            fprintf(stderr, "atalaya listen: %s; trying again\n", why);
        memcpy(said, why, sizeof said);
        while (!is_over(view) && why[0] && clock_mono_ns() < until_ns) {
            snprintf(view->model.state, sizeof view->model.state, "%s", why);
            turn(view, NULL);
            obey(view, NULL);
            (void)poll(NULL, 0, TURN_MS);
        }
    }
    terminal_close(view->terminal);
    reader_key_destroy(remote.reader);
    return view->broken_pipe || (!remote.ever && !interrupted) ? 1 : 0;
}

/* NULL, or what is wrong with the command line. */
static const char *fault_of(int argc)
{
    bool here = argc > 1 || options.source.words || options.source.config;
    if (argc > 2 || (options.broker.host && here))
        return "one FILE or source, or --host alone";
    if (!(options.refresh_hz > 0 && options.refresh_hz <= 5))
        return "--refresh is above 0 and up to 5";
    return options.interval_s > 0 && options.seconds >= 0 ? NULL : "--interval and --seconds are above 0";
}

static int run(int argc, char **argv)
{
    static struct view view; /* large */
    struct option_row rows[] = {
        SOURCE_OPTION_ROWS(options.source),
        SOURCE_LIVE_OPTION_ROWS(options.source),
        {"fast", 0, OPTION_FLAG, &options.fast, NULL,
         "a recording as fast as possible instead of in real time"},
        BROKER_OPTION_ROWS(options.broker),
        {"site", 0, OPTION_TEXT, &options.site, "SITE", "with --host: this site only"},
        {"seconds", 0, OPTION_NUMBER, &options.seconds, "S", "end after S seconds"},
        {"interval", 0, OPTION_NUMBER, &options.interval_s, "S",
         "without a terminal: levels every S seconds (10)"},
        {"refresh", 0, OPTION_NUMBER, &options.refresh_hz, "HZ", "screens a second, at most 5 (2)"},
    };
    options.broker.host = NULL; /* given: a gateway is listened to */
    int status = options_parse(&command_listen, rows, sizeof rows / sizeof *rows, &argc, argv);
    if (status >= 0)
        return status;
    const char *fault = fault_of(argc);
    if (fault) {
        fprintf(stderr, "atalaya listen: %s; see atalaya listen --help\n", fault);
        return EXIT_USAGE;
    }
    if (!source_options_valid("listen", &options.source))
        return EXIT_USAGE;
    listen_reset(&view.model);
    struct sigaction action = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    if (sigaction(SIGINT, &action, NULL) != 0 || sigaction(SIGTERM, &action, NULL) != 0 ||
        sigaction(SIGHUP, &action, NULL) != 0 || sigaction(SIGPIPE, &ignore, NULL) != 0)
        return 1;
    return options.broker.host ? listen_there(&view) : listen_here(&view, argc > 1 ? argv[1] : NULL);
}

const struct command command_listen = {
    .name = "listen",
    .arguments = "[OPTIONS] [FILE | SOURCE]",
    .summary = "show levels, spectrum and what is heard, live: from a source, a recording or a running "
               "gateway (--host)",
    .run = run,
};
