/* SPDX-License-Identifier: Apache-2.0 */
/* What a link sends: birth documents, items of the spool, receptions and answers. Only ever called while the
 * connection stands: libmosquitto queues without bound what is published offline. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "mqtt/link_private.h"
#include "mqtt/shorten.h"

enum { NS_PER_S = 1000000000 };
enum { PUBLISH_WITHHELD = 1000 }; /* no value of MOSQ_ERR_ */
enum { TOPIC_MAX = CONFIG_TEXT_MAX + SPOOL_TOPIC_MAX };
static const int64_t delayed_ns = LINK_DELAYED_S * INT64_C(1000000000);

struct publication {
    const char *topic; /* below the prefix */
    const void *payload;
    size_t length;
    int qos;
    bool retain;
    uint32_t expiry_s; /* 0 = none */
    size_t sent;       /* set by publish: the length that the broker sees */
};

static mosquitto_property *make_properties(const struct publication *publication)
{
    mosquitto_property *properties = NULL;
    int rc = MOSQ_ERR_SUCCESS;
    if (publication->length > 0)
        rc = mosquitto_property_add_string(&properties, MQTT_PROP_CONTENT_TYPE, "application/json");
    if (rc == MOSQ_ERR_SUCCESS && publication->expiry_s > 0)
        rc = mosquitto_property_add_int32(&properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
                                          publication->expiry_s);
    if (rc != MOSQ_ERR_SUCCESS)
        mosquitto_property_free_all(&properties);
    return properties;
}

static int publish_parcel(struct link *link, const struct publication *publication,
                          const struct outlet_parcel *parcel, int *mid)
{
    char topic[TOPIC_MAX];
    int length = snprintf(topic, sizeof topic, "%s/%s", link->broker.prefix, parcel->topic);
    if (length < 0 || (size_t)length >= sizeof topic)
        return MOSQ_ERR_INVAL;
    mosquitto_property *properties = link->version == MQTT_PROTOCOL_V5 ? make_properties(publication) : NULL;
    int rc = mosquitto_publish_v5(link->session.client, mid, topic, (int)parcel->length, parcel->payload,
                                  publication->qos, publication->retain && link->retains, properties);
    mosquitto_property_free_all(&properties);
    return rc;
}

/* Nothing goes to a broker by another way. PUBLISH_WITHHELD: it is not for this one. */
static int publish(struct link *link, struct publication *publication, int *mid)
{
    struct outlet_parcel parcel;
    enum outlet_verdict verdict =
        outlet_pack(link->outlet, publication->topic, publication->payload, publication->length, &parcel);
    if (verdict != OUTLET_SEND)
        return verdict == OUTLET_WITHHELD ? PUBLISH_WITHHELD : MOSQ_ERR_NOMEM;
    bool too_long = link->too_long > 0 && parcel.length >= link->too_long;
    int rc = too_long ? MOSQ_ERR_OVERSIZE_PACKET : publish_parcel(link, publication, &parcel, mid);
    publication->sent = parcel.length;
    outlet_drop(&parcel);
    return rc;
}

static const char *const document_names[LINK_DOCUMENT_COUNT] = {"status", "info", "health"};

int publish_document(struct link *link, enum link_document which, const char *text, int *mid)
{
    char topic[SPOOL_TOPIC_MAX];
    snprintf(topic, sizeof topic, "site/%s/%s", link->site, document_names[which]);
    struct publication publication = {.topic = topic,
                                      .payload = text,
                                      .length = strlen(text),
                                      .qos = 1,
                                      .retain = true,
                                      .expiry_s = which == LINK_HEALTH ? link->health_expiry_s : 0};
    int rc = publish(link, &publication, mid);
    link->session.document_lengths[which] = publication.sent;
    return rc;
}

/* What is too long for this broker is said once a connection; of health it gets what is wrong. */
static int publish_in_part(struct link *link, enum link_document which, const char *text, int *mid)
{
    int rc = MOSQ_ERR_OVERSIZE_PACKET;
    for (unsigned level = 1; which == LINK_HEALTH && level <= SHORTEN_HEALTH_LEVELS; level++) {
        char *shorter = shorten_health(text, level);
        if (shorter && rc == MOSQ_ERR_OVERSIZE_PACKET)
            rc = publish_document(link, which, shorter, mid);
        free(shorter);
    }
    if (!(link->session.documents_told & 1u << which))
        log_warning("broker %s: %s of the site is longer than it takes: %s", link->broker.name,
                    document_names[which],
                    rc == MOSQ_ERR_SUCCESS ? "it goes there in part" : "it is not sent");
    link->session.documents_told |= 1u << which;
    return rc;
}

bool publish_is_quiet(const struct link *link)
{
    return link->flight.count == 0 && link->session.document_mid == 0 &&
           echo_unconfirmed_ns(&link->echo) == INT64_MAX;
}

static void send_document(struct link *link, enum link_document which, const char *text)
{
    int mid = 0, rc = publish_document(link, which, text, &mid);
    if (rc == MOSQ_ERR_OVERSIZE_PACKET)
        rc = publish_in_part(link, which, text, &mid);
    if (rc != MOSQ_ERR_SUCCESS)
        return;
    link->session.document_mids[which] = mid;
    if (link->session.document_mid == 0) { /* else a dead connection shows at the next turn */
        link->session.document_mid = mid;
        link->session.document_ns = clock_mono_ns();
    }
}

static void publish_documents(struct link *link, bool news_only)
{
    struct session *session = &link->session;
    session->documents_due |= news_only ? 0 : ~0u;
    for (unsigned which = 0; which < LINK_DOCUMENT_COUNT; which++) {
        if (session->careful && !publish_is_quiet(link))
            return;
        char *text = mailbox_document(link->mailbox, which, !(session->documents_due & 1u << which));
        session->documents_due &= ~(1u << which);
        if (text && !(link->barred & 1u << which))
            send_document(link, which, text);
        free(text);
    }
}

void publish_documents_again(struct link *link)
{
    publish_documents(link, false);
}

static void subscribe(struct link *link, const char *below, int options, int *mid)
{
    char topic[TOPIC_MAX];
    int length = snprintf(topic, sizeof topic, "%s/site/%s", link->broker.prefix, below);
    if (length > 0 && (size_t)length < sizeof topic)
        (void)mosquitto_subscribe_v5(link->session.client, mid, topic, 1, options, NULL);
}

void publish_birth(struct link *link)
{
    char topic[TOPIC_MAX];
    publish_documents(link, false);
    /* What this site says itself, but for the echo, need not wait in its session at the broker. */
    snprintf(topic, sizeof topic, "%s/echo", link->site);
    subscribe(link, topic, 0, &link->session.echo_mid);
    if (link->starved >= LINK_STARVED) {
        log_error("broker %s: commands are not asked for, for what it sends has no room in memory: next "
                  "attempt in %d s",
                  link->broker.name, LINK_CONDEMNED_S);
        return;
    }
    /* Without this option a command that is retained now would look as if it were not. MQTT 3.1.1 has no such
     * option: there it shows at the next connection. */
    int options = link->version == MQTT_PROTOCOL_V5 ? MQTT_SUB_OPT_RETAIN_AS_PUBLISHED : 0;
    snprintf(topic, sizeof topic, "%s/command/#", link->site);
    subscribe(link, topic, options, &link->session.command_mid);
    int others = link->version == MQTT_PROTOCOL_V5 ? MQTT_SUB_OPT_NO_LOCAL : 0;
    static const char *const below[] = {"+/call/#", "+/status"};
    for (size_t i = 0; link->hooks.neighbour && i < sizeof below / sizeof *below; i++)
        subscribe(link, below[i], others, NULL);
}

/* Receptions and answers leave only while the socket takes bytes, so that they pile up in the bounded ring
 * and not in the library. */
static void publish_mail(struct link *link, enum mailbox_kind kind)
{
    struct mail mail;
    char rx_topic[SPOOL_TOPIC_MAX];
    snprintf(rx_topic, sizeof rx_topic, "site/%s/rx", link->site);
    while (!mosquitto_want_write(link->session.client) && mailbox_take(link->mailbox, kind, &mail)) {
        struct publication publication = {.topic = mail.topic ? mail.topic : rx_topic,
                                          .payload = mail.text,
                                          .length = strlen(mail.text),
                                          .qos = kind == MAILBOX_RX ? 0 : 1,
                                          .expiry_s =
                                              kind == MAILBOX_RX ? LINK_RX_EXPIRY_S : LINK_RESPONSE_EXPIRY_S};
        (void)publish(link, &publication, NULL); /* not spooled: lost with the connection, by contract */
        free(mail.topic);
        free(mail.text);
    }
}

void publish_news(struct link *link)
{
    publish_documents(link, true);
    publish_mail(link, MAILBOX_RESPONSE);
    if (!link->session.careful)
        publish_mail(link, MAILBOX_RX);
}

/* Not while bytes wait: it would measure them. */
void publish_echo(struct link *link, int64_t now_ns)
{
    char topic[SPOOL_TOPIC_MAX];
    uint64_t random;
    int mid = 0;
    if (mosquitto_want_write(link->session.client) || (link->session.careful && !publish_is_quiet(link)) ||
        !echo_is_due(&link->echo, (int64_t)link->broker.keepalive_s * NS_PER_S, now_ns) ||
        getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        return;
    snprintf(topic, sizeof topic, "site/%s/echo", link->site);
    const char *word = echo_make(&link->echo, random);
    struct publication publication = {
        .topic = topic, .payload = word, .length = strlen(word), .qos = 1, .expiry_s = LINK_ECHO_EXPIRY_S};
    if (publish(link, &publication, &mid) == MOSQ_ERR_SUCCESS)
        echo_sent(&link->echo, mid, now_ns);
}

/* Did it wait? Ages by the monotonic clock where that is meaningful; an earlier start of the gateway, or wall
 * time that disagrees, counts as waiting: saying so wrongly harms less than hiding it. */
static bool is_delayed(struct link *link, const struct spool_item *item)
{
    if (item->boot > link->newest_boot)
        link->newest_boot = item->boot;
    int64_t age_ns = clock_mono_ns() - item->created_mono_ns;
    int64_t wall_age_ns = clock_utc_ns() - item->created_utc_ns;
    return item->boot < link->newest_boot || age_ns < 0 || age_ns > delayed_ns || wall_age_ns > delayed_ns;
}

enum reading { DOCUMENT_WHOLE, DOCUMENT_DAMAGED, DOCUMENT_UNLISTED };

/* A distress is told whoever calls. */
static bool may_be_told(const struct link *link, const struct spool_item *item, const json_t *object)
{
    const char *radio = json_string_value(json_object_get(object, "radio"));
    const char *priority = json_string_value(json_object_get(object, "priority"));
    return item->class == SPOOL_DISTRESS || !link->hooks.may_name || !radio ||
           (priority && strcmp(priority, "distress") == 0) ||
           link->hooks.may_name(link->hooks.context, radio);
}

/* *text: the payload with "delayed": true where it is, to free; NULL = send it as it is. Damaged: it is no
 * document any more, for the disk that it waited on has damaged it. Unlisted: the list has its unit no more.
 */
static enum reading read_document(struct link *link, const struct spool_item *item, char **text)
{
    bool delayed = is_delayed(link, item);
    enum reading reading = DOCUMENT_WHOLE;
    json_error_t error;
    json_t *object =
        item->length > 0 ? json_loadb(item->payload, item->length, JSON_ALLOW_NUL, &error) : NULL;
    if (delayed && json_is_object(object) && json_object_set_new(object, "delayed", json_true()) == 0)
        *text = json_dumps(object, JSON_LINE_FLAGS);
    if (object && !may_be_told(link, item, object))
        reading = DOCUMENT_UNLISTED;
    else if (!object && item->length > 0 && json_error_code(&error) != json_error_out_of_memory)
        reading = DOCUMENT_DAMAGED;
    json_decref(object);
    return reading;
}

/* Without its name, which is what must not be told. */
static void tell_unlisted(struct link *link)
{
    if (!link->session.unlisted_told)
        log_notice("broker %s: what has waited of units that the list has not any more is not sent",
                   link->broker.name);
    link->session.unlisted_told = true;
}

/* Less and less of it, until the broker takes it. */
static int publish_shortened(struct link *link, const struct spool_item *item,
                             struct publication *publication, int *mid)
{
    const void *payload = publication->payload;
    size_t length = publication->length;
    int rc = MOSQ_ERR_OVERSIZE_PACKET;
    for (unsigned level = 1; rc == MOSQ_ERR_OVERSIZE_PACKET && level <= SHORTEN_LEVELS; level++) {
        char *text = shorten_document(payload, length, level);
        if (!text)
            break;
        publication->payload = text;
        publication->length = strlen(text);
        rc = publish(link, publication, mid);
        free(text);
    }
    publication->payload = payload;
    publication->length = length;
    if (rc != MOSQ_ERR_SUCCESS)
        return rc;
    if (!link->session.cut_told)
        log_warning("broker %s: %s is too long for it and goes there in part", link->broker.name,
                    item->topic);
    link->session.cut_told = true;
    pthread_mutex_lock(&link->figures_lock);
    link->figures.shortened++;
    pthread_mutex_unlock(&link->figures_lock);
    return rc;
}

static int publish_item(struct link *link, const struct spool_item *item, int *mid, size_t *length)
{
    char *marked = NULL;
    enum reading reading = read_document(link, item, &marked);
    if (reading == DOCUMENT_DAMAGED)
        log_error("broker %s: %s was damaged on the disk and is not sent", link->broker.name, item->topic);
    else if (reading == DOCUMENT_UNLISTED)
        tell_unlisted(link);
    if (reading != DOCUMENT_WHOLE) {
        free(marked);
        return PUBLISH_WITHHELD;
    }
    struct publication publication = {.topic = item->topic,
                                      .payload = marked ? marked : item->payload,
                                      .length = marked ? strlen(marked) : item->length,
                                      .qos = 1,
                                      .retain = item->retain,
                                      .expiry_s = item->expiry_s};
    int rc = publish(link, &publication, mid);
    if (rc == MOSQ_ERR_OVERSIZE_PACKET && item->class == SPOOL_DISTRESS)
        rc = publish_shortened(link, item, &publication, mid);
    *length = publication.sent;
    free(marked);
    return rc;
}

/* The broker or the protocol can never take it: set aside until the next connection, so that it does not bar
 * the way of the others, and kept in the spool; what is not distress only as long as there is room for it. */
static void park(struct link *link, const struct spool_item *item, int rc)
{
    char text[CLIENT_TEXT_MAX];
    bool too_long = rc == MOSQ_ERR_OVERSIZE_PACKET || rc == MOSQ_ERR_PAYLOAD_SIZE;
    snprintf(text, sizeof text, "%s cannot be sent there: %s", item->topic,
             too_long ? "it is longer than this broker takes (its maximum packet size)"
                      : mosquitto_strerror(rc));
    log_error("broker %s: %s", link->broker.name, text);
    snprintf(link->said, sizeof link->said, "%s", text);
    link_say(link, LINK_UP, text);
    if (item->class == SPOOL_DISTRESS || link->flight.parked_count < PARKED_FOR_EVER) {
        flight_park(&link->flight, item->id);
        return;
    }
    callbacks_settle(link, item->id);
    pthread_mutex_lock(&link->figures_lock);
    link->figures.given_up++;
    pthread_mutex_unlock(&link->figures_lock);
}

/* One place is kept free for distress, and some of those for what is refused: a topic that the broker's
 * access list has forgotten fills the rest, and is tried again only after a pause. */
static size_t room_for(const struct link *link, enum spool_class class)
{
    size_t limit = link->session.in_flight_limit;
    if (link->session.careful && !publish_is_quiet(link))
        return 0;
    if (link->session.careful)
        limit = 1;
    if (class != SPOOL_DISTRESS &&
        link->flight.parked_count + link->flight.count >= PARKED_MAX - PARKED_FOR_DISTRESS)
        return 0;
    return flight_room(&link->flight, class == SPOOL_DISTRESS || limit < 2 ? limit : limit - 1);
}

static void take_item(void *context, const struct spool_item *item)
{
    struct link *link = context;
    int mid = 0;
    if (link->session.trouble.rc != MOSQ_ERR_SUCCESS || room_for(link, item->class) == 0)
        return;
    size_t length = 0;
    int rc = publish_item(link, item, &mid, &length);
    if (rc == PUBLISH_WITHHELD) {
        callbacks_settle(link, item->id);
        return;
    }
    if (rc == MOSQ_ERR_OVERSIZE_PACKET || rc == MOSQ_ERR_PAYLOAD_SIZE || rc == MOSQ_ERR_INVAL ||
        rc == MOSQ_ERR_MALFORMED_UTF8) {
        park(link, item, rc);
        return;
    }
    /* Even when the connection broke just now: it may have arrived, and its PUBACK may still be read. */
    struct flight_item flying = {
        .mid = mid, .id = item->id, .class = item->class, .sent_mono_ns = clock_mono_ns(), .length = length};
    (void)flight_add(&link->flight, &flying);
    if (rc != MOSQ_ERR_SUCCESS)
        link->session.trouble.rc = rc;
    pthread_mutex_lock(&link->figures_lock);
    link->figures.published++;
    pthread_mutex_unlock(&link->figures_lock);
}

void publish_items(struct link *link)
{
    size_t room = room_for(link, SPOOL_DISTRESS), got = 0;
    if (room == 0)
        return;
    size_t skipped = flight_skip(&link->flight, link->skip);
    enum atalaya_result result =
        spool_reader_next(link->reader, link->skip, skipped, room, take_item, link, &got);
    if (result != ATALAYA_OK)
        log_warning("broker %s: the spool cannot be read: %s", link->broker.name,
                    atalaya_result_text(result));
}
