/* SPDX-License-Identifier: Apache-2.0 */
#include "lifecycle/orders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "desk.h"
#include "lifecycle/replay.h"
#include "lifecycle/signature.h"
#include "lifecycle/throttle.h"

struct orders {
    struct orders_setting setting;
    struct replay *replay;
    struct throttle steps[CONFIG_CENTRES_MAX], rest[CONFIG_CENTRES_MAX];
    struct throttle refusals[CONFIG_CENTRES_MAX], strangers[CONFIG_BROKERS_MAX];
    const struct config_centre *asked; /* who asked last; NULL: nobody knows */
};

enum atalaya_result orders_create(const struct orders_setting *setting, struct orders **orders)
{
    struct orders *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->setting = *setting;
    for (unsigned i = 0; i < CONFIG_CENTRES_MAX; i++) {
        made->steps[i] = (struct throttle)THROTTLE_STEPS;
        made->rest[i] = (struct throttle)THROTTLE_REST;
        made->refusals[i] = (struct throttle)THROTTLE_REFUSALS;
    }
    for (unsigned i = 0; i < CONFIG_BROKERS_MAX; i++)
        made->strangers[i] = (struct throttle)THROTTLE_REFUSALS;
    enum atalaya_result result = replay_create(setting->spool, &made->replay);
    if (result != ATALAYA_OK) {
        free(made);
        return result;
    }
    *orders = made;
    return ATALAYA_OK;
}

static bool comes_through(const struct config *config, const struct config_centre *centre, unsigned broker)
{
    bool through = centre->broker_count == 0;
    for (unsigned i = 0; i < centre->broker_count; i++)
        through = through || strcmp(centre->brokers[i], config->broker[broker].name) == 0;
    return through;
}

/* The centre that may speak unsigned; NULL = none. What it may not do unsigned reaches further than an
 * incident. */
static const struct config_centre *find_unsigned(const struct config *config, unsigned broker,
                                                 struct inbound_command *command)
{
    for (unsigned i = 0; i < config->centre_count; i++) {
        const struct config_centre *centre = &config->centre[i];
        if (!centre->accept_unsigned || strcmp(centre->name, command->centre) != 0 ||
            !comes_through(config, centre, broker))
            continue;
        if (command->what == INBOUND_RECEIVED || command->what == INBOUND_ACKNOWLEDGE ||
            command->what == INBOUND_CLEAR || command->what == INBOUND_PING)
            return centre;
        inbound_refuse(command, INBOUND_OUT_OF_SCOPE, "this needs a signature");
        return NULL;
    }
    inbound_refuse(command, INBOUND_UNSIGNED, "this site takes no commands without a signature it knows");
    return NULL;
}

static bool may(const struct config_signer *signer, const char *name)
{
    for (unsigned i = 0; i < signer->may_count; i++)
        if (strcmp(signer->may[i], name) == 0)
            return true;
    return false;
}

static const struct config_centre *find_signer(const struct config *config, struct inbound_command *command)
{
    unsigned char public_key[SIGNATURE_PUBLIC_BYTES];
    const struct config_signer *signer = NULL;
    for (unsigned i = 0; i < config->signer_count && !signer; i++)
        if (strcmp(config->signer[i].name, command->key) == 0 && config->signer[i].public_key[0])
            signer = &config->signer[i];
    const struct config_centre *centre = signer ? &config->centre[signer->centre] : NULL;
    if (!signer || !signature_read_public(signer->public_key, public_key))
        inbound_refuse(command, INBOUND_UNKNOWN_KEY, "no centre of this site has a key of that name");
    else if (!signature_verify(command->signature, command->signed_bytes, command->signed_length, public_key))
        inbound_refuse(command, INBOUND_BAD_SIGNATURE, "it is not what that key has signed");
    else if (command->centre[0] && strcmp(command->centre, centre->name) != 0)
        inbound_refuse(command, INBOUND_OUT_OF_SCOPE, "that key belongs to another centre");
    else if (!may(signer, command->name))
        inbound_refuse(command, INBOUND_OUT_OF_SCOPE, "that key may not do this: see may of its signer");
    return command->refusal == INBOUND_ACCEPTED ? centre : NULL;
}

/* An incident's id exists once, so a step to it does no harm late; anything else needs to know the time. */
static bool names_an_incident(const struct inbound_command *command)
{
    return command->what == INBOUND_RECEIVED || command->what == INBOUND_ACKNOWLEDGE ||
           command->what == INBOUND_CLEAR;
}

/* Before anything is written: a centre has its due, whatever its key signs. What came before takes nothing of
 * it: anybody who once saw a command can repeat it. */
static void take_turn(struct orders *orders, const struct config_centre *centre,
                      struct inbound_command *command)
{
    size_t i = (size_t)(centre - orders->setting.config->centre);
    struct throttle *throttle = names_an_incident(command) ? &orders->steps[i] : &orders->rest[i];
    if (!throttle_take(throttle, clock_mono_ns()))
        inbound_refuse(command, INBOUND_RATE_LIMITED,
                       "too many commands of this centre: wait, or send fewer");
}

/* What waits for a transmitter is lost when the program ends, and may come again then. */
static bool is_for_radios(const struct inbound_command *command)
{
    return command->what == INBOUND_MESSAGE || command->what == INBOUND_TRANSMIT;
}

static enum atalaya_result remember(struct orders *orders, const char *who, int64_t now_utc_ns,
                                    const struct inbound_command *command)
{
    const struct replay_entry entry = {.who = who,
                                       .id = command->id,
                                       .expires_utc_ns = command->expires_utc_ns,
                                       .open = is_for_radios(command)};
    return replay_remember(orders->replay, &entry, now_utc_ns);
}

/* Says how the incident stands: whoever got no answer to the first one asks for that. */
static void refuse_repeated(struct orders *orders, struct inbound_command *command)
{
    const struct distress *distress =
        names_an_incident(command) ? desk_find(orders->setting.desk, command->distress) : NULL;
    inbound_refuse(command, INBOUND_REPLAYED, "a command with this id came before: give each its own");
    if (distress)
        snprintf(command->detail, sizeof command->detail,
                 "a command with this id came before: the distress is %s",
                 distress_state_text(distress->state));
}

static void step(struct orders *orders, const struct config_centre *centre, unsigned broker,
                 struct inbound_command *command)
{
    char by[CONFIG_TEXT_MAX], detail[INBOUND_ID_MAX + CONFIG_NAME_MAX + 24];
    const struct distress *distress = desk_find(orders->setting.desk, command->distress);
    struct desk_order order = {
        .distress = command->distress,
        .by = by,
        .through = orders->setting.config->broker[broker].name,
        .detail = detail,
    };
    if (!distress && desk_is_unread(orders->setting.desk)) {
        inbound_refuse(command, INBOUND_BUSY,
                       "the disk fails: what was open before this start is not known yet, ask again");
        return;
    }
    if (!distress) {
        bool swept = command->what == INBOUND_CLEAR && desk_sweep(orders->setting.desk, command->distress);
        inbound_refuse(command, INBOUND_UNKNOWN_DISTRESS,
                       swept ? "no such distress is followed here: what is retained of it is taken away"
                             : "no such distress is followed here");
        return;
    }
    if (command->test && !distress->test) {
        inbound_refuse(command, INBOUND_OUT_OF_SCOPE, "a drill's command, and the distress is real");
        return;
    }
    if (command->what == INBOUND_RECEIVED)
        order.state = DISTRESS_STATE_RECEIVED;
    else if (command->what == INBOUND_ACKNOWLEDGE)
        order.state = DISTRESS_STATE_ACKNOWLEDGED;
    else
        order.state = distress_state_find(command->outcome);
    if (command->person[0])
        snprintf(by, sizeof by, "%s (%s)", command->person, centre->name);
    else
        snprintf(by, sizeof by, "%s", centre->name);
    snprintf(detail, sizeof detail, "command %s, %s%s", command->id, command->key[0] ? "key " : "unsigned",
             command->key);
    enum distress_outcome outcome = desk_step(orders->setting.desk, &order, &distress);
    if (outcome == DISTRESS_STEP_REFUSED)
        inbound_refuse(command, INBOUND_NOT_POSSIBLE, "");
    /* who thinks that the crew was told looks for no other way to tell it */
    const char *untold =
        outcome == DISTRESS_STEP_REFUSED || distress->state != DISTRESS_STATE_ACKNOWLEDGED ? ""
        : distress->reach == ANSWER_REACH_NONE         ? "; no radio of this site can tell the caller"
        : !orders->setting.config->answer.acknowledged ? "; this site tells the caller nothing"
        : distress->reach == ANSWER_REACH_UNHEARD      ? "; told on another radio, not heard here"
        : distress->reach == ANSWER_REACH_UNIT         ? "; told on another radio of the unit"
                                                       : "";
    snprintf(command->detail, sizeof command->detail, "%s: the distress is %s%s",
             outcome == DISTRESS_STEP_REFUSED ? "too late"
             : outcome == DISTRESS_STEP_KNOWN ? "known already"
             : outcome == DISTRESS_STEP_NOTED ? "noted"
                                              : "done",
             distress_state_text(distress->state), untold);
}

static void act(struct orders *orders, const struct config_centre *centre, unsigned broker,
                struct inbound_command *command)
{
    switch (command->what) {
    case INBOUND_RECEIVED:
    case INBOUND_ACKNOWLEDGE:
    case INBOUND_CLEAR:
        step(orders, centre, broker, command);
        break;
    case INBOUND_PING:
        snprintf(command->detail, sizeof command->detail, "the site hears %s", centre->name);
        break;
    case INBOUND_RELOAD:
        if (orders->setting.reload(orders->setting.context))
            snprintf(command->detail, sizeof command->detail,
                     "the configuration is read again: see the site's log");
        else
            inbound_refuse(command, INBOUND_NOT_POSSIBLE,
                           "the configuration file is not usable: the one before stays, see the site's log");
        break;
    case INBOUND_MESSAGE:
    case INBOUND_TRANSMIT:
        if (orders->setting.say)
            orders->setting.say(orders->setting.context, centre->name, broker, command);
        else
            inbound_refuse(command, INBOUND_UNAVAILABLE, "this site has no transmitter");
        break;
    case INBOUND_WHAT_COUNT:
        break;
    }
}

/* A step to an incident comes before the memory of it: a kill between the two has it come again, which does
 * no harm; the other way round an acknowledgement would be refused that was never taken down. Nothing else
 * may come twice, so that it is remembered first, or not obeyed. */
static void obey(struct orders *orders, const struct config_centre *centre, unsigned broker, const char *who,
                 int64_t now_utc_ns, struct inbound_command *command)
{
    if (names_an_incident(command)) {
        act(orders, centre, broker, command);
        if (command->refusal != INBOUND_BUSY)
            (void)remember(orders, who, now_utc_ns, command);
        return;
    }
    if (remember(orders, who, now_utc_ns, command) != ATALAYA_OK) {
        inbound_refuse(command, INBOUND_BUSY,
                       "it cannot be remembered: too many commands in a day, or a full disk");
        return;
    }
    act(orders, centre, broker, command);
    if (!command->queued)
        replay_settle(orders->replay, command->id);
}

void orders_execute(struct orders *orders, unsigned broker, struct inbound_command *command)
{
    const struct config *config = orders->setting.config;
    const struct config_centre *centre;
    struct site_facts facts;
    int64_t now_utc_ns = clock_utc_ns();
    orders->asked = NULL;
    site_facts(orders->setting.site, &facts);
    bool knows_time = facts.clock.source != TIME_NONE;
    if (command->refusal == INBOUND_ACCEPTED && knows_time)
        inbound_judge_time(command, now_utc_ns, config->command.skew_s);
    if (command->refusal != INBOUND_ACCEPTED)
        return;
    centre = command->key[0] ? find_signer(config, command) : find_unsigned(config, broker, command);
    orders->asked = centre;
    if (!centre)
        return;
    if (!knows_time && !names_an_incident(command)) {
        inbound_refuse(command, INBOUND_NO_CLOCK,
                       "this site does not know the time, so it cannot know whether this is over");
        return;
    }
    const char *who = command->key[0] ? command->key : centre->name;
    if (replay_knows(orders->replay, who, command->id))
        refuse_repeated(orders, command);
    else
        take_turn(orders, centre, command);
    if (command->refusal == INBOUND_ACCEPTED)
        obey(orders, centre, broker, who, knows_time ? now_utc_ns : INT64_MIN, command);
}

void orders_settle(struct orders *orders, const char *id)
{
    replay_settle(orders->replay, id);
}

bool orders_answers(struct orders *orders, unsigned broker, const struct inbound_command *command)
{
    if (command->refusal == INBOUND_ACCEPTED)
        return true;
    size_t i = orders->asked ? (size_t)(orders->asked - orders->setting.config->centre) : 0;
    return throttle_take(orders->asked ? &orders->refusals[i] : &orders->strangers[broker], clock_mono_ns());
}

void orders_destroy(struct orders *orders)
{
    if (!orders)
        return;
    replay_destroy(orders->replay);
    free(orders);
}
