/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/mailbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct ring {
    struct mail *mail;
    size_t capacity, first, count;
};

struct mailbox {
    pthread_mutex_t lock;
    int fd;
    bool stopping;
    char *last_status;
    char *document[LINK_DOCUMENT_COUNT];
    bool news[LINK_DOCUMENT_COUNT];
    struct ring ring[MAILBOX_KIND_COUNT];
    struct mail rx[MAILBOX_RX_MAX], response[MAILBOX_RESPONSES_MAX];
};

enum atalaya_result mailbox_create(struct mailbox **mailbox)
{
    struct mailbox *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->fd < 0) {
        free(made);
        return ATALAYA_E_IO;
    }
    if (pthread_mutex_init(&made->lock, NULL) != 0) {
        (void)close(made->fd);
        free(made);
        return ATALAYA_E_MEMORY;
    }
    made->ring[MAILBOX_RX] = (struct ring){.mail = made->rx, .capacity = MAILBOX_RX_MAX};
    made->ring[MAILBOX_RESPONSE] = (struct ring){.mail = made->response, .capacity = MAILBOX_RESPONSES_MAX};
    *mailbox = made;
    return ATALAYA_OK;
}

int mailbox_fd(const struct mailbox *mailbox)
{
    return mailbox->fd;
}

void mailbox_wake(struct mailbox *mailbox)
{
    uint64_t one = 1;
    /* EAGAIN means that 2^64 - 2 wake-ups wait already: awake enough. */
    ssize_t written = write(mailbox->fd, &one, sizeof one);
    (void)written;
}

void mailbox_calm(struct mailbox *mailbox)
{
    uint64_t count;
    ssize_t got = read(mailbox->fd, &count, sizeof count); /* EAGAIN: nothing had come */
    (void)got;
}

enum atalaya_result mailbox_set_document(struct mailbox *mailbox, enum link_document which, const char *text)
{
    if ((unsigned)which >= LINK_DOCUMENT_COUNT || !text)
        return ATALAYA_E_ARGUMENT;
    char *copy = strdup(text);
    if (!copy)
        return ATALAYA_E_MEMORY;
    pthread_mutex_lock(&mailbox->lock);
    char *old = mailbox->document[which];
    mailbox->document[which] = copy;
    mailbox->news[which] = true;
    pthread_mutex_unlock(&mailbox->lock);
    free(old);
    mailbox_wake(mailbox);
    return ATALAYA_OK;
}

char *mailbox_document(struct mailbox *mailbox, enum link_document which, bool news_only)
{
    char *copy = NULL;
    pthread_mutex_lock(&mailbox->lock);
    if (mailbox->document[which] && (mailbox->news[which] || !news_only)) {
        copy = strdup(mailbox->document[which]);
        mailbox->news[which] = copy == NULL;
    }
    pthread_mutex_unlock(&mailbox->lock);
    return copy;
}

static void mail_free(struct mail *mail)
{
    free(mail->topic);
    free(mail->text);
}

bool mailbox_put(struct mailbox *mailbox, enum mailbox_kind kind, const char *topic, const char *text)
{
    struct mail mail = {.topic = topic ? strdup(topic) : NULL, .text = strdup(text)};
    struct ring *ring = &mailbox->ring[kind];
    bool kept = false;
    pthread_mutex_lock(&mailbox->lock);
    if (mail.text && (mail.topic || !topic) && ring->count < ring->capacity) {
        ring->mail[(ring->first + ring->count++) % ring->capacity] = mail;
        kept = true;
    }
    pthread_mutex_unlock(&mailbox->lock);
    if (kept)
        mailbox_wake(mailbox);
    else
        mail_free(&mail);
    return kept;
}

bool mailbox_take(struct mailbox *mailbox, enum mailbox_kind kind, struct mail *mail)
{
    struct ring *ring = &mailbox->ring[kind];
    bool any = false;
    pthread_mutex_lock(&mailbox->lock);
    if (ring->count > 0) {
        *mail = ring->mail[ring->first];
        ring->first = (ring->first + 1) % ring->capacity;
        ring->count--;
        any = true;
    }
    pthread_mutex_unlock(&mailbox->lock);
    return any;
}

uint64_t mailbox_empty(struct mailbox *mailbox)
{
    uint64_t receptions = 0;
    struct mail mail;
    while (mailbox_take(mailbox, MAILBOX_RX, &mail)) {
        mail_free(&mail);
        receptions++;
    }
    while (mailbox_take(mailbox, MAILBOX_RESPONSE, &mail))
        mail_free(&mail);
    return receptions;
}

void mailbox_stop(struct mailbox *mailbox, const char *status)
{
    char *copy = status ? strdup(status) : NULL;
    pthread_mutex_lock(&mailbox->lock);
    char *old = mailbox->last_status;
    mailbox->last_status = copy;
    mailbox->stopping = true;
    pthread_mutex_unlock(&mailbox->lock);
    free(old);
    mailbox_wake(mailbox);
}

bool mailbox_stopping(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    bool stopping = mailbox->stopping;
    pthread_mutex_unlock(&mailbox->lock);
    return stopping;
}

char *mailbox_last_status(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    char *copy = mailbox->last_status ? strdup(mailbox->last_status) : NULL;
    pthread_mutex_unlock(&mailbox->lock);
    return copy;
}

void mailbox_destroy(struct mailbox *mailbox)
{
    if (!mailbox)
        return;
    (void)mailbox_empty(mailbox);
    for (size_t i = 0; i < LINK_DOCUMENT_COUNT; i++)
        free(mailbox->document[i]);
    free(mailbox->last_status);
    pthread_mutex_destroy(&mailbox->lock);
    (void)close(mailbox->fd);
    free(mailbox);
}
