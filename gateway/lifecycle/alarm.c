/* SPDX-License-Identifier: Apache-2.0 */
#include "lifecycle/alarm.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "atalaya/gateway/log.h"

struct alarm {
    pid_t pid;                      /* of its own process group; 0 = none */
    char distress[DISTRESS_ID_MAX]; /* it runs for */
    int64_t began_ns;
};

enum atalaya_result alarm_create(struct alarm **alarm)
{
    *alarm = calloc(1, sizeof **alarm);
    return *alarm ? ATALAYA_OK : ATALAYA_E_MEMORY;
}

/* Signals as a program expects them: the main thread has some blocked and one ignored. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    int status = posix_spawnattr_setsigmask(attributes, &none);
    if (status == 0)
        status = posix_spawnattr_setsigdefault(attributes, &usual);
    if (status == 0)
        status = posix_spawnattr_setpgroup(attributes, 0);
    if (status == 0)
        status = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                          POSIX_SPAWN_SETPGROUP);
    return status;
}

static int start(struct alarm *alarm, const char *command, const struct distress *distress)
{
    char id[DISTRESS_ID_MAX + 24], unit[CONFIG_TEXT_MAX + 24], level[48],
        path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char name[CONFIG_PATH_MAX];
    posix_spawnattr_t attributes;
    snprintf(id, sizeof id, "ATALAYA_DISTRESS=%s", distress->id);
    snprintf(unit, sizeof unit, "ATALAYA_UNIT=%s", distress->unit);
    snprintf(level, sizeof level, "ATALAYA_LEVEL=%u", distress->level);
    snprintf(name, sizeof name, "%s", command);
    char *arguments[] = {name, NULL}, *environment[] = {id, unit, level, path, NULL};
    int status = posix_spawnattr_init(&attributes);
    if (status != 0)
        return status;
    posix_spawn_file_actions_t actions;
    status = posix_spawn_file_actions_init(&actions);
    if (status != 0) {
        (void)posix_spawnattr_destroy(&attributes);
        return status;
    }
    /* no socket and no lock of ours outlives us in a siren */
    status = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    if (status == 0)
        status = set_attributes(&attributes);
    if (status == 0)
        status = posix_spawn(&alarm->pid, command, &actions, &attributes, arguments, environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    return status;
}

bool alarm_sound(struct alarm *alarm, const char *command, const struct distress *distress)
{
    alarm_tick(alarm);
    if (!command[0])
        return true;
    if (alarm->pid > 0)
        return strcmp(alarm->distress, distress->id) == 0;
    int status = start(alarm, command, distress);
    if (status != 0) {
        alarm->pid = 0;
        log_error("alarm_command %s: %s", command, strerror(status));
        return true;
    }
    alarm->began_ns = clock_mono_ns();
    snprintf(alarm->distress, sizeof alarm->distress, "%s", distress->id);
    log_warning("alarm_command %s runs for distress %s", command, distress->id);
    return true;
}

void alarm_tick(struct alarm *alarm)
{
    int status;
    if (alarm->pid == 0)
        return;
    pid_t ended = waitpid(alarm->pid, &status, WNOHANG);
    if (ended == alarm->pid || (ended < 0 && errno == ECHILD)) {
        if (ended == alarm->pid && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
            log_error("alarm_command failed: %s %d", WIFEXITED(status) ? "status" : "signal",
                      WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
        alarm->pid = 0;
    } else if ((double)(clock_mono_ns() - alarm->began_ns) * 1e-9 > ALARM_RUNS_S)
        (void)kill(-alarm->pid, SIGKILL); /* collected at the next turn */
}

void alarm_destroy(struct alarm *alarm)
{
    int status;
    if (alarm && alarm->pid > 0) {
        (void)kill(-alarm->pid, SIGKILL);
        (void)waitpid(alarm->pid, &status, 0);
    }
    free(alarm);
}
