/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's side of the line. */
#include "transmit/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"

extern char **environ;

struct keeper {
    struct config_transmitter settings;
    char program[CONFIG_PATH_MAX];
    int fd; /* -1: it is dead, and a new one is started at the next order */
    pid_t pid;
    int64_t heard_ns; /* its last word */
};

enum { CHILD_FD = 3 };

/* No descriptor of ours lives on in it, no blocked signal either. */
static int spawn(struct keeper *keeper, int child_fd)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    char name[] = "atalaya", word[] = "ptt-keeper";
    char *arguments[] = {name, word, NULL};
    sigemptyset(&none);
    int status = posix_spawn_file_actions_init(&actions);
    if (status != 0)
        return status;
    status = posix_spawnattr_init(&attributes);
    if (status == 0) {
        /* a dup onto itself would keep its close-on-exec flag: sockets are never given the number 3 here */
        status = posix_spawn_file_actions_adddup2(&actions, child_fd, CHILD_FD);
        if (status == 0) /* the gateway's standard input may be a receiver's samples */
            status = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (status == 0)
            status = posix_spawn_file_actions_addclosefrom_np(&actions, CHILD_FD + 1);
        if (status == 0)
            status = posix_spawnattr_setsigmask(&attributes, &none);
        if (status == 0)
            status = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        if (status == 0)
            status = posix_spawn(&keeper->pid, keeper->program, &actions, &attributes, arguments, environ);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return status;
}

/* Of two ends of a line the child's, which must not be descriptor 3 itself. */
static int away_from_child_fd(int fd)
{
    if (fd > CHILD_FD)
        return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, CHILD_FD + 1);
    (void)close(fd);
    return moved;
}

/* Waits for the answer to an order; what came before it of its own account is passed over when it says less.
 */
static enum keeper_answer await(struct keeper *keeper, int timeout_ms)
{
    struct pollfd watched = {.fd = keeper->fd, .events = POLLIN};
    char answer;
    int ready;
    do
        ready = poll(&watched, 1, timeout_ms);
    while (ready < 0 && errno == EINTR);
    if (ready <= 0 || recv(keeper->fd, &answer, 1, MSG_DONTWAIT) != 1)
        return KEEPER_HUNG;
    return (enum keeper_answer)answer;
}

/* Collects a child, for so long; one that sits in its driver cannot even be killed. */
static bool collect(pid_t pid, int patience_ms)
{
    enum { TURN_MS = 10 };
    for (int spent_ms = 0; spent_ms <= patience_ms; spent_ms += TURN_MS) {
        if (waitpid(pid, NULL, WNOHANG) != 0)
            return true;
        (void)poll(NULL, 0, TURN_MS);
    }
    return false;
}

/* Ends a keeper that hangs or died. The kernel, or its successor, lets go of the key. */
static void bury(struct keeper *keeper)
{
    if (keeper->fd >= 0)
        (void)close(keeper->fd);
    keeper->fd = -1;
    if (keeper->pid > 0) {
        (void)kill(keeper->pid, SIGKILL);
        if (!collect(keeper->pid, KEEPER_ANSWER_MS))
            log_error("transmitter %s: the keeper of its key cannot be ended: is its driver stuck?",
                      keeper->settings.name);
    }
    keeper->pid = 0;
}

static enum atalaya_result start(struct keeper *keeper)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return ATALAYA_E_IO;
    ends[1] = away_from_child_fd(ends[1]);
    keeper->fd = ends[0];
    int status = ends[1] < 0 ? EMFILE : spawn(keeper, ends[1]);
    if (ends[1] >= 0)
        (void)close(ends[1]);
    if (status != 0) {
        log_error("transmitter %s: no keeper of its key: %s", keeper->settings.name, strerror(status));
        keeper->pid = 0;
        bury(keeper);
        return ATALAYA_E_IO;
    }
    if (send(keeper->fd, &keeper->settings, sizeof keeper->settings, MSG_NOSIGNAL) ==
            (ssize_t)sizeof keeper->settings &&
        await(keeper, 2 * KEEPER_ANSWER_MS) != KEEPER_HUNG)
        return ATALAYA_OK;
    log_error("transmitter %s: the keeper of its key does not answer", keeper->settings.name);
    bury(keeper);
    return ATALAYA_E_IO;
}

enum atalaya_result keeper_create(const struct config_transmitter *settings, const char *program,
                                  struct keeper **keeper)
{
    struct keeper *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->settings = *settings;
    made->fd = -1;
    snprintf(made->program, sizeof made->program, "%s", program ? program : "/proc/self/exe");
    enum atalaya_result result = start(made);
    if (result != ATALAYA_OK) {
        free(made);
        return result;
    }
    *keeper = made;
    return ATALAYA_OK;
}

static bool give(struct keeper *keeper, enum keeper_order order)
{
    const char byte = (char)order;
    return keeper->fd >= 0 && send(keeper->fd, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

/* A keeper that does not do its part is replaced, which lets go of the key. */
static enum keeper_answer replace(struct keeper *keeper)
{
    log_error("transmitter %s: the keeper of its key hangs or died; a new one lets go",
              keeper->settings.name);
    bury(keeper);
    (void)start(keeper); /* says itself when it fails; tried again at the next order */
    return KEEPER_HUNG;
}

enum keeper_answer keeper_key(struct keeper *keeper)
{
    if (keeper->fd < 0 && start(keeper) != ATALAYA_OK)
        return KEEPER_HUNG;
    if (!give(keeper, KEEPER_KEY))
        return replace(keeper);
    enum keeper_answer answer;
    do /* a word of the time before is not the answer */
        answer = await(keeper, KEEPER_ANSWER_MS);
    while (answer != KEEPER_KEYED && answer != KEEPER_INHIBITED && answer != KEEPER_LOST &&
           answer != KEEPER_HUNG);
    keeper->heard_ns = clock_mono_ns();
    return answer == KEEPER_HUNG ? replace(keeper) : answer;
}

enum keeper_answer keeper_beat(struct keeper *keeper)
{
    int64_t now_ns = clock_mono_ns();
    bool late = now_ns - keeper->heard_ns > KEEPER_STALL_MS * INT64_C(1000000);
    if (!give(keeper, KEEPER_BEAT))
        return replace(keeper);
    /* Perhaps it was this thread that slept: then the keeper has let go, and is about to say so. */
    for (enum keeper_answer answer = await(keeper, late ? KEEPER_GRACE_MS : 0); answer != KEEPER_HUNG;
         answer = await(keeper, 0)) {
        if (answer != KEEPER_KEYED)
            return answer;
        keeper->heard_ns = now_ns;
        late = false;
    }
    return late ? replace(keeper) : KEEPER_KEYED;
}

enum keeper_answer keeper_drop(struct keeper *keeper)
{
    if (keeper->fd < 0)
        return KEEPER_HUNG;
    if (!give(keeper, KEEPER_DROP))
        return replace(keeper);
    enum keeper_answer answer;
    do
        answer = await(keeper, KEEPER_ANSWER_MS);
    while (answer != KEEPER_DROPPED && answer != KEEPER_LOST && answer != KEEPER_HUNG);
    return answer == KEEPER_HUNG ? replace(keeper) : answer;
}

int keeper_pid(const struct keeper *keeper)
{
    return keeper->pid;
}

/* The end of the line tells it to go; a keeper that hangs is ended. */
void keeper_destroy(struct keeper *keeper)
{
    if (!keeper)
        return;
    if (keeper->fd >= 0 && keeper_drop(keeper) != KEEPER_HUNG && keeper->fd >= 0) {
        (void)close(keeper->fd);
        keeper->fd = -1;
        if (collect(keeper->pid, KEEPER_ANSWER_MS))
            keeper->pid = 0;
    }
    bury(keeper);
    free(keeper);
}
