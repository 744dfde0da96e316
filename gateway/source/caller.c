/* SPDX-License-Identifier: Apache-2.0 */
#include "caller.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "dial.h"
#include "source_private.h"

/* Of the loop and the thread, which frees it at its end. */
struct exchange {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool asked, at_work, done, ended;
    int fd;   /* once done: what came of it, until it is taken */
    int wake; /* eventfd that tells the loop */
    char host[DIAL_HOST_MAX], port[DIAL_PORT_MAX], why[SOURCE_TEXT_MAX];
};

struct caller {
    struct exchange *exchange;
    pthread_t thread;
    sd_event_source *input;
    caller_done *done;
    void *context;
};

static void exchange_free(struct exchange *exchange)
{
    if (exchange->fd >= 0)
        (void)close(exchange->fd);
    if (exchange->wake >= 0)
        (void)close(exchange->wake);
    pthread_cond_destroy(&exchange->changed);
    pthread_mutex_destroy(&exchange->lock);
    free(exchange);
}

static struct exchange *exchange_create(const char *host, unsigned port)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL)
        return NULL;
    (void)pthread_mutex_init(&exchange->lock, NULL);
    (void)pthread_cond_init(&exchange->changed, NULL);
    exchange->fd = -1;
    exchange->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    source_say(exchange->host, sizeof exchange->host, "%s", host);
    source_say(exchange->port, sizeof exchange->port, "%u", port);
    if (exchange->wake >= 0)
        return exchange;
    exchange_free(exchange);
    return NULL;
}

/* With the lock held but while it dials. */
static void dial_unlocked(struct exchange *exchange)
{
    char why[SOURCE_TEXT_MAX] = "";
    int fd;
    exchange->asked = false;
    exchange->at_work = true;
    pthread_mutex_unlock(&exchange->lock);
    (void)dial(exchange->host, exchange->port, DIAL_LOOKUP_MS, &fd, why, sizeof why);
    pthread_mutex_lock(&exchange->lock);
    exchange->at_work = false;
    exchange->done = true;
    exchange->fd = fd;
    memcpy(exchange->why, why, sizeof exchange->why);
    if (!exchange->ended)
        (void)eventfd_write(exchange->wake, 1); /* at 0, and so never full */
}

static void *exchange_main(void *context)
{
    struct exchange *exchange = context;
    pthread_mutex_lock(&exchange->lock);
    while (!exchange->ended) {
        if (exchange->asked)
            dial_unlocked(exchange);
        else
            pthread_cond_wait(&exchange->changed, &exchange->lock);
    }
    pthread_mutex_unlock(&exchange->lock);
    exchange_free(exchange);
    return NULL;
}

static int on_wake(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct caller *caller = context;
    struct exchange *exchange = caller->exchange;
    char why[SOURCE_TEXT_MAX];
    eventfd_t times;
    (void)source;
    (void)events;
    (void)eventfd_read(fd, &times);
    pthread_mutex_lock(&exchange->lock);
    bool done = exchange->done;
    int found = exchange->fd;
    memcpy(why, exchange->why, sizeof why);
    exchange->done = false;
    exchange->fd = -1;
    pthread_mutex_unlock(&exchange->lock);
    if (done)
        caller->done(caller->context, found, why);
    return 0;
}

static bool thread_start(struct caller *caller)
{
    sigset_t all, before;
    if (sigfillset(&all) != 0 || pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    int error = pthread_create(&caller->thread, NULL, exchange_main, caller->exchange);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0;
}

enum atalaya_result caller_create(sd_event *event, const char *host, unsigned port, caller_done *done,
                                  void *context, struct caller **out)
{
    *out = NULL;
    struct caller *caller = calloc(1, sizeof *caller);
    struct exchange *exchange = exchange_create(host, port);
    if (caller == NULL || exchange == NULL) {
        free(caller);
        if (exchange != NULL)
            exchange_free(exchange);
        return ATALAYA_E_MEMORY;
    }
    *caller = (struct caller){.exchange = exchange, .done = done, .context = context};
    if (sd_event_add_io(event, &caller->input, exchange->wake, EPOLLIN, on_wake, caller) < 0 ||
        !thread_start(caller)) {
        sd_event_source_disable_unref(caller->input);
        exchange_free(exchange);
        free(caller);
        return ATALAYA_E_IO;
    }
    *out = caller;
    return ATALAYA_OK;
}

void caller_call(struct caller *caller)
{
    struct exchange *exchange = caller->exchange;
    pthread_mutex_lock(&exchange->lock);
    exchange->asked = exchange->asked || (!exchange->at_work && !exchange->done);
    pthread_cond_signal(&exchange->changed);
    pthread_mutex_unlock(&exchange->lock);
}

void caller_destroy(struct caller *caller)
{
    if (caller == NULL)
        return;
    struct exchange *exchange = caller->exchange;
    caller->input = sd_event_source_disable_unref(caller->input);
    pthread_mutex_lock(&exchange->lock);
    bool at_work = exchange->at_work || exchange->asked;
    exchange->ended = true;
    pthread_cond_signal(&exchange->changed);
    pthread_mutex_unlock(&exchange->lock);
    if (at_work)
        (void)pthread_detach(caller->thread);
    else
        (void)pthread_join(caller->thread, NULL);
    free(caller);
}
