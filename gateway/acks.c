/* SPDX-License-Identifier: Apache-2.0 */
#include "acks.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "atalaya/gateway/log.h"

enum { ACKS_MAX = 8192 };

struct ack {
    int64_t id;
    unsigned broker;
};

struct acks {
    pthread_mutex_t lock;
    int fd;
    size_t first, count;
    struct ack ring[ACKS_MAX];
};

enum atalaya_result acks_create(struct acks **acks)
{
    struct acks *a = calloc(1, sizeof *a);
    if (!a)
        return ATALAYA_E_MEMORY;
    a->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (a->fd < 0) {
        free(a);
        return ATALAYA_E_IO;
    }
    pthread_mutex_init(&a->lock, NULL);
    *acks = a;
    return ATALAYA_OK;
}

int acks_fd(const struct acks *acks)
{
    return acks->fd;
}

void acks_put(struct acks *acks, unsigned broker, const int64_t *ids, size_t count)
{
    size_t lost = 0;
    pthread_mutex_lock(&acks->lock);
    for (size_t i = 0; i < count; i++) {
        if (acks->count == ACKS_MAX) {
            lost++;
            continue;
        }
        acks->ring[(acks->first + acks->count++) % ACKS_MAX] = (struct ack){ids[i], broker};
    }
    pthread_mutex_unlock(&acks->lock);
    uint64_t one = 1;
    if (write(acks->fd, &one, sizeof one) < 0 || lost) /* the counter cannot be full before the ring is */
        log_warning("%zu acknowledgements of broker %u forgotten: they will be sent again", lost, broker);
}

size_t acks_take(struct acks *acks, unsigned *broker, int64_t *ids, size_t max)
{
    uint64_t value;
    size_t taken = 0;
    pthread_mutex_lock(&acks->lock);
    while (taken < max && acks->count > 0) {
        struct ack *ack = &acks->ring[acks->first];
        if (taken && ack->broker != *broker)
            break;
        *broker = ack->broker;
        ids[taken++] = ack->id;
        acks->first = (acks->first + 1) % ACKS_MAX;
        acks->count--;
    }
    if (acks->count == 0 && read(acks->fd, &value, sizeof value) < 0)
        value = 0; /* was not set: fine */
    pthread_mutex_unlock(&acks->lock);
    return taken;
}

void acks_destroy(struct acks *acks)
{
    if (!acks)
        return;
    close(acks->fd);
    pthread_mutex_destroy(&acks->lock);
    free(acks);
}
