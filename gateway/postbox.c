/* SPDX-License-Identifier: Apache-2.0 */
#include "postbox.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct postbox {
    pthread_mutex_t lock;
    int fd;
    size_t letter_size, capacity, first, count;
    char letters[];
};

enum atalaya_result postbox_create(size_t letter_size, size_t capacity, struct postbox **postbox)
{
    struct postbox *box = calloc(1, sizeof *box + letter_size * capacity);
    if (!box)
        return ATALAYA_E_MEMORY;
    box->letter_size = letter_size;
    box->capacity = capacity;
    box->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (box->fd < 0) {
        free(box);
        return ATALAYA_E_IO;
    }
    pthread_mutex_init(&box->lock, NULL);
    *postbox = box;
    return ATALAYA_OK;
}

int postbox_fd(const struct postbox *postbox)
{
    return postbox->fd;
}

static char *place(struct postbox *box, size_t index)
{
    return box->letters + index % box->capacity * box->letter_size;
}

bool postbox_put(struct postbox *box, const void *letter)
{
    return postbox_put_below(box, letter, box->capacity);
}

bool postbox_put_below(struct postbox *box, const void *letter, size_t most)
{
    const uint64_t one = 1;
    pthread_mutex_lock(&box->lock);
    bool room = box->count < most && box->count < box->capacity;
    if (room)
        memcpy(place(box, box->first + box->count++), letter, box->letter_size);
    pthread_mutex_unlock(&box->lock);
    /* The counter overflows after 2^64 letters: a failed write would be a program error, not a state of the
     * world. */
    return write(box->fd, &one, sizeof one) == sizeof one && room;
}

bool postbox_take(struct postbox *box, void *letter)
{
    uint64_t value;
    pthread_mutex_lock(&box->lock);
    bool any = box->count > 0;
    if (any) {
        memcpy(letter, place(box, box->first), box->letter_size);
        /* An empty one begins anew: places that were never needed stay unwritten, or memory would grow for
         * hours. */
        box->first = --box->count > 0 ? (box->first + 1) % box->capacity : 0;
    } else if (read(box->fd, &value, sizeof value) < 0)
        value = 0; /* nothing was signalled: fine */
    pthread_mutex_unlock(&box->lock);
    return any;
}

void postbox_destroy(struct postbox *box)
{
    if (!box)
        return;
    close(box->fd);
    pthread_mutex_destroy(&box->lock);
    free(box);
}
