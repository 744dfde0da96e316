/* SPDX-License-Identifier: Apache-2.0 */
/* Says on a line each what works and what does not, before the tower is left alone. */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/command.h"
#include "atalaya/gateway/config.h"
#include "atalaya/gateway/link.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/site.h"
#include "atalaya/gateway/source.h"
#include "level.h"
#include "lifecycle/audit.h"
#include "machine.h"
#include "mqtt/certificate.h"
#include "outlet/reader_key.h"
#include "owner.h"
#include "transmit/player.h"

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_FAIL };
enum { PROBE_TEXT_MAX = 256 };
static const double hear_s = 0.3;

static unsigned failures; /* of this run of the command */

static void tell(enum verdict verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void tell(enum verdict verdict, const char *format, ...)
{
    static const char *const words[] = {"ok  ", "warn", "FAIL"};
    va_list args;
    va_start(args, format);
    printf("%s ", words[verdict]);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
    fflush(stdout); /* a probe can take seconds: tell what is known */
    failures += verdict == VERDICT_FAIL;
}

static void on_complaint(void *context, bool is_error, const char *place, const char *text)
{
    (void)context;
    tell(is_error ? VERDICT_FAIL : VERDICT_WARN, "config %s: %s", place, text);
}

/* A file that holds a secret: there, readable, and nobody else's business. */
static void check_secret(const char *broker, const char *what, const char *path)
{
    struct stat facts;
    if (!*path)
        return;
    if (stat(path, &facts) != 0)
        tell(VERDICT_FAIL, "broker %s: %s %s: %s", broker, what, path, strerror(errno));
    else if (!S_ISREG(facts.st_mode))
        tell(VERDICT_FAIL, "broker %s: %s %s is no regular file", broker, what, path);
    else if (facts.st_mode & (S_IROTH | S_IWOTH))
        tell(VERDICT_FAIL, "broker %s: everybody may read or write %s %s; run: chmod o-rw %s", broker, what,
             path, path);
    else if (access(path, R_OK) != 0)
        tell(VERDICT_FAIL, "broker %s: %s %s: %s for this user", broker, what, path, strerror(errno));
    else
        tell(VERDICT_OK, "broker %s: %s %s is there and private", broker, what, path);
}

static void check_readable(const char *broker, const char *what, const char *path)
{
    if (*path && access(path, R_OK) != 0)
        tell(VERDICT_FAIL, "broker %s: %s %s: %s", broker, what, path, strerror(errno));
}

static void check_broker(const struct config *config, unsigned i)
{
    const struct config_broker *broker = &config->broker[i];
    char text[PROBE_TEXT_MAX] = "", shown[PROBE_TEXT_MAX] = "", ends[CERTIFICATE_TEXT_MAX];
    unsigned before = failures;
    check_secret(broker->name, "password_file", broker->password_file);
    check_secret(broker->name, "key_file", broker->key_file);
    check_readable(broker->name, "ca_file", broker->ca_file);
    check_readable(broker->name, "certificate_file", broker->certificate_file);
    if (failures != before)
        return;
    if (certificate_complain(broker, clock_utc_ns(), ends))
        tell(VERDICT_WARN, "broker %s: %s", broker->name, ends);
    if (*broker->password_credential && !getenv("CREDENTIALS_DIRECTORY")) {
        tell(VERDICT_WARN,
             "broker %s: not tried: password_credential '%s' is known to the service only; see systemctl "
             "status "
             "atalaya",
             broker->name, broker->password_credential);
        return;
    }
    bool good = link_probe(config, i, text, sizeof text, shown, sizeof shown);
    tell(good ? VERDICT_OK : VERDICT_FAIL, "broker %s: %s", broker->name, text);
    if (*shown)
        tell(VERDICT_WARN, "broker %s: %s", broker->name, shown);
}

static void check_room(const struct config_spool *spool, const char *directory)
{
    uint64_t room = machine_disk_free(spool->path), mib = 1048576;
    if (room == UINT64_MAX) {
        tell(VERDICT_FAIL, "spool %s: %s", directory, strerror(errno));
        return;
    }
    if (room < spool->free_disk_bytes)
        tell(VERDICT_FAIL,
             "spool %s: %" PRIu64 " MiB free on the disk, free_disk asks for %" PRIu64 "; make room",
             spool->path, room / mib, spool->free_disk_bytes / mib);
    else if (room < spool->limit_bytes + spool->reserve_bytes)
        tell(VERDICT_WARN,
             "spool %s: %" PRIu64 " MiB free on the disk, limit and reserve may take %" PRIu64
             "; make room or lower limit",
             spool->path, room / mib, (spool->limit_bytes + spool->reserve_bytes) / mib);
    else
        tell(VERDICT_OK, "spool %s: writable, %" PRIu64 " MiB free on the disk", spool->path, room / mib);
}

/* A file beside the spool that is there must take what is written. owner: the gateway's user, where root
 * checks, to whom everything is allowed; else "". */
static bool check_file(const char *what, const char *path, const char *owner)
{
    struct stat facts;
    const struct passwd *user = getpwuid(geteuid());
    if (access(path, F_OK) != 0)
        return true;
    if (access(path, R_OK | W_OK) != 0)
        tell(VERDICT_FAIL, "%s %s: %s; give it to the gateway's user: sudo chown %s %s", what, path,
             strerror(errno), user ? user->pw_name : "USER", path);
    else if (*owner && stat(path, &facts) == 0 && facts.st_uid == 0 && !(facts.st_mode & (S_IWGRP | S_IWOTH)))
        tell(VERDICT_FAIL, "%s %s: it belongs to root; give it to the gateway's user: sudo chown %s %s", what,
             path, owner, path);
    else
        return true;
    return false;
}

static void check_spool(const struct config_spool *spool)
{
    static const char *const tails[] = {"", "-wal", "-shm", "-journal", "-lock"};
    char directory[CONFIG_PATH_MAX], audit[AUDIT_PATH_MAX], owner[OWNER_NAME_MAX] = "";
    owner_directory_of(spool->path, directory);
    audit_path(spool->path, audit);
    bool by_root = owner_is_another(spool->path, owner), good = true;
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        char path[CONFIG_PATH_MAX + 16];
        snprintf(path, sizeof path, "%s%s", spool->path, tails[i]);
        good &= check_file("spool", path, by_root ? owner : "");
    }
    good &= check_file("audit log", audit, by_root ? owner : "");
    if (by_root)
        tell(VERDICT_WARN,
             "user: checked as root, to whom nothing is forbidden; the gateway runs as %s: sudo -u %s "
             "atalaya check",
             owner, owner);
    if (access(directory, W_OK | X_OK) != 0)
        tell(VERDICT_FAIL, "spool: directory %s: %s; make it and give it to the gateway's user", directory,
             strerror(errno));
    else if (good)
        check_room(spool, directory);
}

static void check_clock(void)
{
    struct clock_quality quality = clock_system_quality();
    if (quality.source == TIME_NTP || quality.source == TIME_GPS)
        tell(VERDICT_OK, "clock: synchronised (%s)", time_source_text(quality.source));
    else
        tell(VERDICT_WARN,
             "clock: not synchronised (%s); start chrony or systemd-timesyncd, or give gpsd a receiver",
             quality.source == TIME_RTC ? "the date is plausible" : "the date is impossible");
}

static void check_machine(void)
{
    char text[MACHINE_TEXT_MAX];
    bool good = machine_is_watched("", text);
    tell(good ? VERDICT_OK : VERDICT_WARN, "machine: %s", text);
    good = machine_leaves_panic("", text);
    tell(good ? VERDICT_OK : VERDICT_WARN, "machine: %s", text);
}

static void check_alarm(const char *command)
{
    if (*command && access(command, X_OK) != 0)
        tell(VERDICT_FAIL, "alarm_command %s: %s; nothing would sound", command, strerror(errno));
    else if (*command)
        tell(VERDICT_OK, "alarm_command %s can be run", command);
}

/* The key itself is not touched: opening a serial port keys for a moment. */
static void check_transmitter(const struct config *config, const struct config_transmitter *transmitter)
{
    char why[PLAYER_TEXT_MAX] = "";
    struct player *player;
    for (unsigned c = 0; c < config->channel_count; c++)
        if (strcmp(config->channel[c].name, transmitter->channel) == 0 &&
            config->source[config->channel[c].source].type == SOURCE_KISS) {
            tell(VERDICT_OK, "transmitter %s: its TNC keys the radio", transmitter->name);
            return;
        }
    bool file = transmitter->ptt != PTT_VOX && transmitter->ptt != PTT_RIGCTLD;
    if (file && access(transmitter->ptt_device, W_OK) != 0) {
        tell(VERDICT_FAIL, "transmitter %s: %s: %s; nothing would key it", transmitter->name,
             transmitter->ptt_device, strerror(errno));
        return;
    }
    enum atalaya_result result = player_open(transmitter, &player, why);
    if (result == ATALAYA_OK)
        player_close(player);
    tell(result == ATALAYA_OK ? VERDICT_OK : VERDICT_FAIL, "transmitter %s: %s", transmitter->name, why);
}

/* The gateway goes on without it, and two sites may answer one call. */
static void check_reader_key(const struct config_broker *broker)
{
    char why[PROBE_TEXT_MAX];
    if (!broker->reader_key_file[0])
        return;
    struct reader_key *key = reader_key_load(broker->reader_key_file, why, sizeof why);
    if (key)
        tell(VERDICT_OK, "broker %s: what is sealed to %s can be read", broker->name, reader_key_name(key));
    else
        tell(VERDICT_FAIL, "broker %s: %s", broker->name, why);
    reader_key_destroy(key);
}

/* That a source opens says little: what comes from it? */
static void check_hearing(const struct config_source *source, const char *opened)
{
    struct level level;
    bool iq = false, grave = false;
    if (source->type != SOURCE_ALSA && source->type != SOURCE_RTL_TCP && source->type != SOURCE_SOAPY) {
        tell(VERDICT_OK, "source %s: %s", source->name, opened);
        return;
    }
    if (!source_hear(source, hear_s, &level, &iq)) {
        tell(VERDICT_FAIL, "source %s: %s; but no samples come from it", source->name, opened);
        return;
    }
    const char *advice = level_advice(&level, iq, &grave);
    tell(grave ? VERDICT_WARN : VERDICT_OK, "source %s: %s; peak %.3f just now%s%s", source->name, opened,
         (double)level_peak(&level), advice ? ": " : "", advice ? advice : "");
}

static void check_world(const struct config *config)
{
    char text[PROBE_TEXT_MAX] = "";
    if (owner_gateway_runs(config->spool.path))
        tell(VERDICT_WARN,
             "gateway: one runs here with this spool: devices it holds are busy below; `atalaya "
             "watch` tells how they are, and this check after systemctl stop atalaya");
    for (unsigned i = 0; i < config->source_count; i++) {
        bool good = source_probe(&config->source[i], text, sizeof text);
        if (good)
            check_hearing(&config->source[i], text);
        else
            tell(VERDICT_FAIL, "source %s: %s", config->source[i].name, text);
    }
    if (config->gpsd.enabled) {
        bool good = site_probe(&config->gpsd, text, sizeof text);
        tell(good ? VERDICT_OK : VERDICT_FAIL, "gpsd: %s", text);
    } else {
        tell(VERDICT_OK, "gpsd: switched off in the configuration");
    }
    for (unsigned i = 0; i < config->broker_count; i++) {
        check_broker(config, i);
        check_reader_key(&config->broker[i]);
    }
    for (unsigned i = 0; i < config->transmitter_count; i++)
        if (config->transmitter[i].channel[0])
            check_transmitter(config, &config->transmitter[i]);
    check_spool(&config->spool);
    check_alarm(config->distress.alarm_command);
    check_clock();
    check_machine();
}

static int run(int argc, char **argv)
{
    const char *file = "/etc/atalaya/atalaya.conf";
    bool offline = false;
    const struct option_row rows[] = {
        {"config", 'c', OPTION_TEXT, &file, "FILE", "the configuration (/etc/atalaya/atalaya.conf)"},
        {"offline", 0, OPTION_FLAG, &offline, NULL,
         "the configuration alone; touch no device and no network"},
    };
    int status = options_parse(&command_check, rows, sizeof rows / sizeof *rows, &argc, argv);
    if (status >= 0)
        return status;
    if (argc > 1) {
        fprintf(stderr, "atalaya check: no argument belongs here, but '%s' was given\n", argv[1]);
        return EXIT_USAGE;
    }
    struct config *config;
    failures = 0;
    log_set_level(LOG_LEVEL_ERROR); /* the lines of this command say the rest */
    if (config_load(file, &config, on_complaint, NULL) != ATALAYA_OK)
        return EXIT_USAGE;
    tell(VERDICT_OK, "config %s: site %s, sources %u, channels %u, brokers %u, units %u", file,
         config->site.id, config->source_count, config->channel_count, config->broker_count,
         config->unit_count);
    if (!offline)
        check_world(config);
    config_free(config);
    return failures || ferror(stdout) ? 1 : 0;
}

const struct command command_check = {
    .name = "check",
    .arguments = "[--config FILE] [--offline]",
    .summary = "say on a line each what works and what does not",
    .run = run,
};
