/* SPDX-License-Identifier: Apache-2.0 */
/* Places are taken once and wander between three lists: free, routine, urgent. The eventfd is non-blocking
 * and changes only with the first reception that comes and the last that goes, so it is touched under the
 * lock to keep it true to the lists. */
#include "atalaya/gateway/handover.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "resident.h"

struct place {
    struct place *next;
    struct reception reception;
};

struct list {
    struct place *first, *last;
};

struct handover {
    pthread_mutex_t lock;
    pthread_cond_t room;
    int fd;
    bool closed;
    uint64_t dropped;
    struct list unused, routine, urgent;
    struct place places[]; /* [size: capacity] */
};

static void append(struct list *list, struct place *place)
{
    place->next = NULL;
    if (list->last)
        list->last->next = place;
    else
        list->first = place;
    list->last = place;
}

static struct place *remove_first(struct list *list)
{
    struct place *place = list->first;
    if (!place)
        return NULL;
    list->first = place->next;
    if (!list->first)
        list->last = NULL;
    return place;
}

static bool is_empty(const struct handover *handover)
{
    return !handover->routine.first && !handover->urgent.first;
}

static void set_readable(struct handover *handover, bool readable)
{
    uint64_t value = 1;
    ssize_t moved =
        readable ? write(handover->fd, &value, sizeof value) : read(handover->fd, &value, sizeof value);
    (void)moved; /* EAGAIN alone is possible, and means that it is so already */
}

enum atalaya_result handover_create(size_t capacity, struct handover **handover)
{
    if (capacity == 0 || capacity > (SIZE_MAX - sizeof(struct handover)) / sizeof(struct place))
        return ATALAYA_E_ARGUMENT;
    struct handover *made = resident_calloc(sizeof *made + capacity * sizeof(struct place));
    if (!made)
        return ATALAYA_E_MEMORY;
    made->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (made->fd < 0)
        goto no_fd;
    if (pthread_mutex_init(&made->lock, NULL) != 0)
        goto no_lock;
    if (pthread_cond_init(&made->room, NULL) != 0)
        goto no_condition;
    for (size_t i = 0; i < capacity; i++)
        append(&made->unused, &made->places[i]);
    *handover = made;
    return ATALAYA_OK;

no_condition:
    pthread_mutex_destroy(&made->lock);
no_lock:
    (void)close(made->fd);
no_fd:
    free(made);
    return ATALAYA_E_IO;
}

int handover_fd(const struct handover *handover)
{
    return handover->fd;
}

/* A place for one more, by the rules of the header. With the lock held; waiting gives it up for a while. */
static enum atalaya_result find_room(struct handover *handover, bool urgent, bool wait, struct place **place)
{
    while (!handover->closed) {
        *place = remove_first(&handover->unused);
        if (!*place && !wait) {
            *place = remove_first(&handover->routine);
            /* Where all places hold distress, a routine newcomer is itself the oldest routine one. */
            if (*place || !urgent)
                handover->dropped++;
            if (!*place && !urgent)
                return ATALAYA_E_FULL;
        }
        if (*place)
            return ATALAYA_OK;
        pthread_cond_wait(&handover->room, &handover->lock);
    }
    return ATALAYA_E_GONE;
}

enum atalaya_result handover_put(struct handover *handover, const struct reception *reception, bool urgent,
                                 bool wait)
{
    struct place *place;
    pthread_mutex_lock(&handover->lock);
    enum atalaya_result result = find_room(handover, urgent, wait, &place);
    if (result == ATALAYA_OK) {
        bool first = is_empty(handover);
        place->reception = *reception;
        append(urgent ? &handover->urgent : &handover->routine, place);
        if (first)
            set_readable(handover, true);
    }
    pthread_mutex_unlock(&handover->lock);
    return result;
}

bool handover_take(struct handover *handover, struct reception *reception)
{
    pthread_mutex_lock(&handover->lock);
    struct place *place = remove_first(&handover->urgent);
    if (!place)
        place = remove_first(&handover->routine);
    if (place) {
        *reception = place->reception;
        append(&handover->unused, place);
        pthread_cond_signal(&handover->room);
        if (is_empty(handover))
            set_readable(handover, false);
    }
    pthread_mutex_unlock(&handover->lock);
    return place != NULL;
}

uint64_t handover_dropped(struct handover *handover)
{
    pthread_mutex_lock(&handover->lock);
    uint64_t dropped = handover->dropped;
    pthread_mutex_unlock(&handover->lock);
    return dropped;
}

void handover_close(struct handover *handover)
{
    pthread_mutex_lock(&handover->lock);
    handover->closed = true;
    pthread_cond_broadcast(&handover->room);
    pthread_mutex_unlock(&handover->lock);
}

void handover_destroy(struct handover *handover)
{
    if (!handover)
        return;
    pthread_cond_destroy(&handover->room);
    pthread_mutex_destroy(&handover->lock);
    (void)close(handover->fd);
    free(handover);
}
