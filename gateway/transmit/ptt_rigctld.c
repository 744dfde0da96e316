/* SPDX-License-Identifier: Apache-2.0 */
/* hamlib's rigctld: "T 1" keys, "T 0" lets go, "RPRT 0" says that it did. On this machine only: a key that a
 * network can hold down is no key. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "transmit/ptt.h"

enum { USUAL_PORT = 4532, ANSWER_MAX = 64 };

static bool read_address(const char *text, struct sockaddr_in *address)
{
    char host[64];
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    char *end = NULL;
    long port = colon ? strtol(colon + 1, &end, 10) : USUAL_PORT;
    if (length >= sizeof host || (colon && (*end != '\0' || end == colon + 1)) || port < 1 || port > 65535)
        return false;
    memcpy(host, text, length);
    host[length] = '\0';
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_port = htons((uint16_t)port);
    if (strcmp(host, "localhost") == 0 || length == 0)
        address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else if (inet_pton(AF_INET, host, &address->sin_addr) != 1)
        return false;
    return ntohl(address->sin_addr.s_addr) >> 24 == 127;
}

static enum atalaya_result rigctld_open(struct ptt *ptt, char why[PTT_TEXT_MAX])
{
    struct sockaddr_in address;
    const struct timeval patience = {.tv_usec = PTT_PATIENCE_MS * 1000};
    const int on = 1;
    if (!read_address(ptt->settings.ptt_device, &address)) {
        snprintf(why, PTT_TEXT_MAX,
                 "ptt_device \"%.80s\" is no rigctld of this machine: write 127.0.0.1:4532",
                 ptt->settings.ptt_device);
        return ATALAYA_E_ARGUMENT;
    }
    ptt->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (ptt->fd >= 0 && setsockopt(ptt->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
        setsockopt(ptt->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
        setsockopt(ptt->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
        connect(ptt->fd, (struct sockaddr *)&address, sizeof address) == 0)
        return ATALAYA_OK;
    snprintf(why, PTT_TEXT_MAX, "rigctld at %.80s: %s", ptt->settings.ptt_device, strerror(errno));
    if (ptt->fd >= 0)
        (void)close(ptt->fd);
    ptt->fd = -1;
    return ATALAYA_E_GONE;
}

static bool rigctld_set(struct ptt *ptt, bool down)
{
    char answer[ANSWER_MAX];
    size_t length = 0;
    const char *order = down ? "T 1\n" : "T 0\n";
    if (send(ptt->fd, order, strlen(order), MSG_NOSIGNAL) != (ssize_t)strlen(order))
        return false;
    while (length < sizeof answer - 1 && !memchr(answer, '\n', length)) {
        ssize_t got = recv(ptt->fd, answer + length, sizeof answer - 1 - length, 0);
        if (got <= 0)
            return false;
        length += (size_t)got;
    }
    answer[length] = '\0';
    return strncmp(answer, "RPRT 0", 6) == 0;
}

static void rigctld_close(struct ptt *ptt)
{
    (void)close(ptt->fd);
    ptt->fd = -1;
}

const struct ptt_class ptt_class_rigctld = {"rigctld", false, rigctld_open, rigctld_set, rigctld_close};
