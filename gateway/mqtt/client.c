/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/client.h"

#include <errno.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mqtt/secret.h"

enum { LEAVE_MS = 300, PACKETS_A_TURN = 64, HEAR_OUT_TURNS = 16 };

static void library_init(void)
{
    (void)mosquitto_lib_init();
}

void client_library_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, library_init);
}

static bool readable(const char *path, const char *key, char *why, size_t size)
{
    if (path[0] == '\0' || access(path, R_OK) == 0)
        return true;
    snprintf(why, size, "%s '%s' cannot be read: %s", key, path, strerror(errno));
    return false;
}

static bool set_tls(struct mosquitto *client, const struct config_broker *broker, char *why, size_t size)
{
    if (!broker->tls)
        return true;
    if (!readable(broker->ca_file, "ca_file", why, size) ||
        !readable(broker->certificate_file, "certificate_file", why, size) ||
        !readable(broker->key_file, "key_file", why, size) ||
        !secret_is_private(broker->key_file, "key_file", why, size))
        return false;
    const char *ca = broker->ca_file[0] ? broker->ca_file : NULL;
    const char *certificate = broker->certificate_file[0] ? broker->certificate_file : NULL;
    const char *key = broker->key_file[0] ? broker->key_file : NULL;
    int rc = mosquitto_tls_set(client, ca, ca ? NULL : "/etc/ssl/certs", certificate, key, NULL);
    if (rc == MOSQ_ERR_SUCCESS)
        return true;
    snprintf(why, size, "TLS settings are not usable: %s (check ca_file, certificate_file, key_file)",
             mosquitto_strerror(rc));
    return false;
}

static bool set_credentials(struct mosquitto *client, const struct config_broker *broker, char *why,
                            size_t size)
{
    if (broker->user[0] == '\0')
        return true;
    char password[SECRET_MAX];
    bool given = false;
    if (!secret_read(broker, password, &given, why, size))
        return false;
    int rc = mosquitto_username_pw_set(client, broker->user, given ? password : NULL);
    explicit_bzero(password, sizeof password);
    if (rc != MOSQ_ERR_SUCCESS)
        snprintf(why, size, "user or password is not usable: %s", mosquitto_strerror(rc));
    return rc == MOSQ_ERR_SUCCESS;
}

struct mosquitto *client_create(const struct config_broker *broker, const char *id, int version, bool clean,
                                void *context, char *why, size_t size)
{
    client_library_init();
    struct mosquitto *client = mosquitto_new(id, clean, context);
    if (!client) {
        snprintf(why, size, "no client could be made: %s", strerror(errno));
        return NULL;
    }
    if (mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, version) != MOSQ_ERR_SUCCESS ||
        mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1) != MOSQ_ERR_SUCCESS ||
        !set_tls(client, broker, why, size) || !set_credentials(client, broker, why, size)) {
        mosquitto_destroy(client);
        return NULL;
    }
    return client;
}

/* The only call that takes CONNECT properties is one that blocks in connect(2), for minutes when a firewall
 * drops packets. Called with a port that cannot be, it keeps the properties and gives up before the network;
 * the call that does not block then uses them. test_link_session proves that the broker sees them. */
static int keep_properties(struct mosquitto *client, const struct config_broker *broker, int keepalive_s,
                           uint32_t session_expiry_s)
{
    mosquitto_property *properties = NULL;
    int rc = mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, session_expiry_s);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_property_add_int32(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, CLIENT_PACKET_MAX);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_connect_bind_v5(client, broker->host, -1, keepalive_s, NULL, properties);
    mosquitto_property_free_all(&properties);
    return rc == MOSQ_ERR_INVAL ? MOSQ_ERR_SUCCESS : rc;
}

int client_connect(struct mosquitto *client, const struct config_broker *broker, uint32_t session_expiry_s,
                   bool ipv4_only, struct client_trouble *trouble)
{
    int keepalive_s =
        broker->keepalive_s < CLIENT_KEEPALIVE_MIN_S ? CLIENT_KEEPALIVE_MIN_S : (int)broker->keepalive_s;
    int rc = keepalive_s > UINT16_MAX ? MOSQ_ERR_INVAL : MOSQ_ERR_SUCCESS;
    if (rc == MOSQ_ERR_SUCCESS && session_expiry_s > 0)
        rc = keep_properties(client, broker, keepalive_s, session_expiry_s);
    errno = 0;
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_connect_bind_async(client, broker->host, (int)broker->port, keepalive_s,
                                          ipv4_only ? "0.0.0.0" : NULL);
    if (rc == MOSQ_ERR_CONN_PENDING)
        rc = MOSQ_ERR_SUCCESS;
    trouble->rc = rc;
    trouble->system_error = errno;
    return rc;
}

static int fail(struct client_trouble *trouble, int rc, int system_error)
{
    trouble->rc = rc;
    trouble->system_error = system_error;
    return rc;
}

/* The outcome of a connection attempt that was still under way. */
static int socket_trouble(int fd)
{
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

int client_pump(struct mosquitto *client, int wake_fd, int timeout_ms, struct client_trouble *trouble)
{
    int fd = mosquitto_socket(client);
    if (fd < 0)
        return fail(trouble, trouble->rc ? trouble->rc : MOSQ_ERR_CONN_LOST, 0);
    bool write = mosquitto_want_write(client) || !trouble->reached;
    struct pollfd watched[2] = {{.fd = fd, .events = (short)(POLLIN | (write ? POLLOUT : 0))},
                                {.fd = wake_fd, .events = POLLIN}};
    if (poll(watched, 2, timeout_ms) < 0 && errno != EINTR)
        return fail(trouble, MOSQ_ERR_ERRNO, errno);
    int rc = MOSQ_ERR_SUCCESS;
    short ready = watched[0].revents;
    if (ready && !trouble->reached) {
        int error = socket_trouble(fd);
        if (error)
            return fail(trouble, MOSQ_ERR_ERRNO, error);
        trouble->reached = true;
    }
    errno = 0;
    /* First what it says: a broker that hangs up has perhaps said why, and a failed write closes the socket.
     */
    if (ready & (POLLIN | POLLERR | POLLHUP)) {
        /* A broker with Nagle's algorithm on holds the next PUBACK back until this one is acknowledged, which
         * the kernel would put off for 40 ms. The option does not stay set. */
        (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int));
        rc = mosquitto_loop_read(client, PACKETS_A_TURN);
    }
    if (rc == MOSQ_ERR_SUCCESS && (ready & POLLOUT))
        rc = mosquitto_loop_write(client, PACKETS_A_TURN);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_loop_misc(client);
    return rc == MOSQ_ERR_SUCCESS ? rc : fail(trouble, rc, errno);
}

void client_hear_out(struct mosquitto *client)
{
    for (int turn = 0; turn < HEAR_OUT_TURNS && mosquitto_socket(client) >= 0; turn++)
        if (mosquitto_loop_read(client, PACKETS_A_TURN) != MOSQ_ERR_SUCCESS)
            return;
}

void client_leave(struct mosquitto *client)
{
    struct client_trouble ignored = {.reached = true};
    if (mosquitto_disconnect(client) != MOSQ_ERR_SUCCESS)
        return;
    for (int spent_ms = 0; spent_ms < LEAVE_MS && mosquitto_socket(client) >= 0; spent_ms += 20) {
        if (!mosquitto_want_write(client))
            return;
        if (client_pump(client, -1, 20, &ignored) != MOSQ_ERR_SUCCESS)
            return;
    }
}

bool client_note_answer(struct client_trouble *trouble, int reason, const mosquitto_property *properties)
{
    uint8_t most_qos = 1, retains = 1;
    trouble->answered = true;
    trouble->connack = reason;
    if (mosquitto_property_read_byte(properties, MQTT_PROP_MAXIMUM_QOS, &most_qos, false) && most_qos == 0 &&
        reason == 0)
        trouble->connack = MQTT_RC_QOS_NOT_SUPPORTED;
    (void)mosquitto_property_read_byte(properties, MQTT_PROP_RETAIN_AVAILABLE, &retains, false);
    trouble->retains_nothing = retains == 0 || reason == MQTT_RC_RETAIN_NOT_SUPPORTED;
    return trouble->connack == 0;
}

void client_note_log(struct client_trouble *trouble, int level, const char *text)
{
    if (level == MOSQ_LOG_ERR || level == MOSQ_LOG_WARNING)
        snprintf(trouble->library, sizeof trouble->library, "%s", text);
}
