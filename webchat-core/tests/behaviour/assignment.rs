//! Who gets the next chat: availability modes, delivery orders, penalties, skills, weights.
//! Source: domain.md §5.

use expect_test::expect;

use crate::scene::*;

const MODES: [&str; 7] = [
    "incall",
    "nocall",
    "interaction",
    "nopause",
    "omni",
    "ringall",
    "ringallmultiple",
];
const ORDERS: [&str; 7] = [
    "linear",
    "rrmemory",
    "leastrecent",
    "fewestcalls",
    "random",
    "wrandom",
    "leastloaded",
];

/// Ana, a member of `Support` in the mode to be looked at, of `Other` (nocall) and of `Desk` (incall).
fn ana_in(mode: &str) -> Scene {
    given(campaign().mode(mode).agent_cap(2))
        .and(campaign().named("Other"))
        .and(campaign().named("Desk").mode("incall"))
        .and(agent("ana").ready_in(&["Support", "Other", "Desk"]))
}

#[test]
fn each_mode_wants_exactly_what_the_table_says() {
    type Situation = (&'static str, fn(Scene) -> Scene);
    let situations: [Situation; 12] = [
        ("idle", |scene| scene),
        ("signed out", |scene| scene.and(agent("ana").signs_out())),
        ("lost", |scene| scene.and(agent("ana").goes_away())),
        ("paused", |scene| scene.and(agent("ana").pauses())),
        ("on a call", |scene| scene.and(phone("ana", true))),
        ("on a call of her own", |scene| {
            scene.and(agent("ana").on_call(true))
        }),
        ("one chat here", |scene| {
            scene.and(visitor(1).asks()).and(agent("ana").takes(1))
        }),
        ("two chats here", |scene| {
            scene
                .and(visitors_ask(1, 2))
                .and(agent("eva").exists())
                .and(supervisor("eva").assigns(1, "ana"))
                .and(supervisor("eva").assigns(2, "ana"))
        }),
        ("one chat elsewhere", |scene| {
            scene.and(visitor(1).asks().to("Other"))
        }),
        ("one chat of another channel", |scene| {
            scene.and(elsewhere("ana", 1))
        }),
        ("auto-paused by incall", |scene| {
            scene.and(visitor(1).asks().to("Desk"))
        }),
        ("wrapping up here", |scene| {
            scene
                .and(edit(|draft| draft.wrap_up = 30))
                .and(visitor(1).asks())
                .and(agent("ana").takes(1))
                .and(agent("ana").closes(1))
        }),
    ];
    let mut table = format!("{:<28}", "");
    MODES
        .iter()
        .for_each(|mode| table += &format!("{mode:<16}"));
    for (name, arrange) in situations {
        table = format!("{}\n{name:<28}", table.trim_end());
        for mode in MODES {
            let scene = arrange(ana_in(mode));
            table += &format!("{:<16}", scene.why_not("Support", "ana"));
        }
    }
    expect![[r#"
                                    incall          nocall          interaction     nopause         omni            ringall         ringallmultiple
        idle                        eligible        eligible        eligible        eligible        eligible        eligible        eligible
        signed out                  not_signed_in   not_signed_in   not_signed_in   not_signed_in   not_signed_in   not_signed_in   not_signed_in
        lost                        lost            lost            lost            lost            lost            lost            lost
        paused                      paused          paused          paused          paused          paused          paused          paused
        on a call                   on_call         eligible        eligible        eligible        eligible        eligible        eligible
        on a call of her own        on_call         eligible        eligible        eligible        eligible        eligible        eligible
        one chat here               auto_paused     eligible        busy            eligible        eligible        busy            eligible
        two chats here              auto_paused     at_capacity     busy            at_capacity     at_capacity     busy            at_capacity
        one chat elsewhere          busy            eligible        busy            eligible        eligible        eligible        eligible
        one chat of another channel busy            eligible        busy            eligible        eligible        eligible        eligible
        auto-paused by incall       auto_paused     auto_paused     auto_paused     eligible        eligible        eligible        eligible
        wrapping up here            busy            eligible        busy            eligible        eligible        busy            eligible
    "#]].assert_eq(&(table.trim_end().to_owned() + "\n"));
}

#[test]
fn every_mode_and_order_gives_the_chats_out_as_they_say() {
    // Three members with room for two chats each; carla has penalty 4. Six visitors come, a second
    // apart; the agents of chats 2 and 1 close them, then two more come.
    let mut table = String::new();
    for order in ORDERS {
        for mode in MODES {
            let scene = given(campaign().mode(mode).order(order).agent_cap(2))
                .and(agents_ready(3))
                .and(penalties(&[("ana", 0), ("bob", 0), ("carla", 4)]));
            let ask = |scene: Scene, number| scene.and(seconds_pass(1)).and(visitor(number).asks());
            let scene = (1..=6).fold(scene, ask);
            let first = scene.owners();
            let close = |scene: Scene, chat| match scene.owner(chat) {
                "ana" => scene.and(agent("ana").closes(chat)),
                "bob" => scene.and(agent("bob").closes(chat)),
                "carla" => scene.and(agent("carla").closes(chat)),
                _ => scene,
            };
            let scene = close(close(scene, 2).and(seconds_pass(1)), 1);
            let scene = (7..=8).fold(scene, ask);
            table += &format!("{order:<12}{mode:<16}{first:<34} then {}\n", scene.owners());
        }
    }
    expect![[r#"
        linear      incall          ana bob carla - - -                then carla bob ana - - -
        linear      nocall          ana ana bob bob carla carla        then bob bob carla carla ana ana
        linear      interaction     ana bob carla - - -                then carla bob ana - - -
        linear      nopause         ana ana bob bob carla carla        then bob bob carla carla ana ana
        linear      omni            ana bob carla ana bob carla        then carla ana bob carla ana bob
        linear      ringall         - - - - - -                        then - - - - - - - -
        linear      ringallmultiple - - - - - -                        then - - - - - - - -
        rrmemory    incall          ana bob carla - - -                then carla bob ana - - -
        rrmemory    nocall          ana bob carla ana bob carla        then carla ana bob carla ana bob
        rrmemory    interaction     ana bob carla - - -                then carla bob ana - - -
        rrmemory    nopause         ana bob carla ana bob carla        then carla ana bob carla ana bob
        rrmemory    omni            ana bob carla ana bob carla        then carla ana bob carla ana bob
        rrmemory    ringall         - - - - - -                        then - - - - - - - -
        rrmemory    ringallmultiple - - - - - -                        then - - - - - - - -
        leastrecent incall          ana bob carla - - -                then carla bob ana - - -
        leastrecent nocall          ana bob carla ana bob carla        then carla ana bob carla bob ana
        leastrecent interaction     ana bob carla - - -                then carla bob ana - - -
        leastrecent nopause         ana bob carla ana bob carla        then carla ana bob carla bob ana
        leastrecent omni            ana bob carla ana bob carla        then carla ana bob carla bob ana
        leastrecent ringall         - - - - - -                        then - - - - - - - -
        leastrecent ringallmultiple - - - - - -                        then - - - - - - - -
        fewestcalls incall          ana bob carla - - -                then carla bob ana - - -
        fewestcalls nocall          ana bob carla ana bob carla        then carla ana bob carla bob ana
        fewestcalls interaction     ana bob carla - - -                then carla bob ana - - -
        fewestcalls nopause         ana bob carla ana bob carla        then carla ana bob carla bob ana
        fewestcalls omni            ana bob carla ana bob carla        then carla ana bob carla bob ana
        fewestcalls ringall         - - - - - -                        then - - - - - - - -
        fewestcalls ringallmultiple - - - - - -                        then - - - - - - - -
        random      incall          bob carla ana - - -                then ana carla bob - - -
        random      nocall          bob carla carla ana ana bob        then carla ana ana bob carla bob
        random      interaction     bob carla ana - - -                then ana carla bob - - -
        random      nopause         bob carla carla ana ana bob        then carla ana ana bob carla bob
        random      omni            bob carla ana bob ana carla        then ana bob ana carla carla bob
        random      ringall         - - - - - -                        then - - - - - - - -
        random      ringallmultiple - - - - - -                        then - - - - - - - -
        wrandom     incall          bob ana carla - - -                then carla ana bob - - -
        wrandom     nocall          bob bob carla ana ana carla        then carla ana ana carla bob bob
        wrandom     interaction     bob ana carla - - -                then carla ana bob - - -
        wrandom     nopause         bob bob carla ana ana carla        then carla ana ana carla bob bob
        wrandom     omni            bob ana carla ana bob carla        then carla ana bob carla bob ana
        wrandom     ringall         - - - - - -                        then - - - - - - - -
        wrandom     ringallmultiple - - - - - -                        then - - - - - - - -
        leastloaded incall          ana bob carla - - -                then carla bob ana - - -
        leastloaded nocall          ana bob carla ana bob carla        then carla ana bob carla bob ana
        leastloaded interaction     ana bob carla - - -                then carla bob ana - - -
        leastloaded nopause         ana bob carla ana bob carla        then carla ana bob carla bob ana
        leastloaded omni            ana bob carla ana bob carla        then carla ana bob carla bob ana
        leastloaded ringall         - - - - - -                        then - - - - - - - -
        leastloaded ringallmultiple - - - - - -                        then - - - - - - - -
    "#]].assert_eq(&table);
}

#[test]
fn incall_pauses_its_agent_for_other_campaigns_until_the_chat_closes() {
    given(campaign().mode("incall"))
        .and(campaign().named("Other"))
        .and(agent("ana").ready_in(&["Support", "Other"]))
        .when(visitor(1).asks())
        .when(visitor(2).asks().to("Other"))
        .when(agent("ana").closes(1))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
            ChatQueued 2 in Other              → visitor 2: waiting 1
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            ChatAssigned 2 ana direct in Other → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn an_incall_chat_handed_over_or_returned_no_longer_pauses_who_had_it() {
    given(campaign().mode("incall").order("linear"))
        .and(agents_ready(2))
        .and(visitor(1).asks())
        .and(agent("ana").transfers(1, "bob"))
        .and(agent("bob").accepts(1))
        .so(|scene| assert_eq!(scene.why_not("Support", "ana"), "eligible"))
        .so(|scene| assert_eq!(scene.why_not("Support", "bob"), "auto_paused"))
        .and(agent("ana").pauses())
        .and(agent("bob").signs_out_by_force())
        .and(agent("bob").signs_in())
        .so(|scene| assert_eq!(scene.owners(), "bob"))
        .and(agent("bob").closes(1))
        .so(|scene| assert_eq!(scene.why_not("Support", "bob"), "eligible"));
}

#[test]
fn nopause_ignores_the_automatic_pause_and_obeys_the_manual_one() {
    given(campaign().mode("incall"))
        .and(campaign().named("Other").mode("nopause"))
        .and(agent("ana").ready_in(&["Support", "Other"]))
        .when(visitor(1).asks())
        .when(visitor(2).asks().to("Other"))
        .when(agent("ana").pauses())
        .when(visitor(3).asks().to("Other"))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
            ChatQueued 2 in Other              → visitor 2: waiting 1
            ChatAssigned 2 ana direct in Other → ana: 2 active · visitor 2: with Ana
            AgentPaused ana "lunch"
            ChatQueued 3 in Other              → visitor 3: waiting 1
        "#]]);
}

#[test]
fn an_interaction_on_another_channel_keeps_an_interaction_agent_out_until_it_ends() {
    given(campaign().mode("interaction"))
        .and(agents_ready(1))
        .and(elsewhere("ana", 2))
        .when(visitor(1).asks())
        .when(elsewhere("ana", 0))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            AgentOtherLoad ana 0
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn the_end_of_a_call_gives_an_incall_agent_the_next_chat_at_once() {
    given(campaign().mode("incall"))
        .and(agents_ready(1))
        .and(phone("ana", true))
        .when(visitor(1).asks())
        .when(phone("ana", false))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            AgentOnCall ana false
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn omni_takes_a_second_choice_only_when_no_first_choice_is_left() {
    given(campaign().mode("omni").order("linear").agent_cap(2))
        .and(agents_ready(3))
        .and(phone("ana", true))
        .and(elsewhere("bob", 1))
        .and(visitor(1).asks())
        .so(|scene| assert_eq!(scene.owners(), "carla"))
        .and(visitors_ask(2, 3))
        .so(|scene| assert_eq!(scene.owners(), "carla ana ana"))
        .and(phone("ana", false))
        .and(elsewhere("bob", 0))
        .and(visitors_ask(4, 6))
        .so(|scene| assert_eq!(scene.owners(), "carla ana ana bob bob carla"));
}

#[test]
fn in_ringall_nothing_is_assigned_and_only_the_head_may_be_taken_by_a_free_agent() {
    given(campaign().mode("ringall"))
        .and(agents_ready(2))
        .when(visitors_ask(1, 3))
        .when(agent("ana").takes(2))
        .when(agent("ana").takes(1))
        .when(agent("ana").takes(2))
        .when(agent("bob").takes(2))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatQueued 2                       → visitor 2: waiting 2
            ChatQueued 3                       → visitor 3: waiting 3
            ! not_head: chat 1-1 is not the first in the queue
            ChatAssigned 1 ana taken           → ana: 1 active · visitor 1: with Ana
            ! not_available: agent 1 cannot take chats now: busy
            ChatAssigned 2 bob taken           → bob: 2 active · visitor 2: with Bob
        "#]]);
}

#[test]
fn the_head_of_the_queue_is_the_first_whose_visitor_is_there() {
    given(campaign().mode("ringall"))
        .and(agents_ready(1))
        .and(visitors_ask(1, 2))
        .and(visitor(1).goes_away())
        .when(agent("ana").takes(2))
        .then(expect![[r#"
            ChatAssigned 2 ana taken           → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn in_ringallmultiple_any_chat_may_be_taken_up_to_the_cap_even_on_a_call() {
    given(campaign().mode("ringallmultiple").agent_cap(2))
        .and(agents_ready(1))
        .and(phone("ana", true))
        .and(visitors_ask(1, 3))
        .when(agent("ana").takes(3))
        .when(agent("ana").takes(1))
        .when(agent("ana").takes(2))
        .then(expect![[r#"
            ChatAssigned 3 ana taken           → ana: 3 active · visitor 3: with Ana
            ChatAssigned 1 ana taken           → ana: 1 active · visitor 1: with Ana
            ! at_capacity: agent 1 has 2 chats, the most allowed is 2
        "#]]);
}

#[test]
fn linear_begins_from_the_top_each_time() {
    given(campaign().order("linear").agent_cap(2))
        .and(agents_ready(3))
        .and(visitors_ask(1, 5))
        .so(|scene| assert_eq!(scene.owners(), "ana ana bob bob carla"))
        .and(agent("ana").closes(1))
        .and(visitor(6).asks())
        .so(|scene| assert_eq!(scene.owners(), "ana bob bob carla ana"));
}

#[test]
fn rrmemory_goes_round_from_the_last_who_accepted() {
    given(campaign().order("rrmemory").agent_cap(0))
        .and(agents_ready(3))
        .and(visitors_ask(1, 7))
        .so(|scene| assert_eq!(scene.owners(), "ana bob carla ana bob carla ana"));
}

#[test]
fn the_round_robin_moves_with_an_acceptance_not_with_an_offer() {
    given(campaign().order("rrmemory").offer_timeout(20))
        .and(agents_ready(3))
        .and(visitor(1).asks())
        .and(agent("ana").refuses(1))
        .and(agent("bob").accepts(1))
        .when(visitor(2).asks())
        .then(expect![[r#"
            ChatQueued 2                       → visitor 2: waiting 1
            ChatOffered 2 carla                → carla: 2 offered · visitor 2: waiting 0
        "#]]);
}

#[test]
fn the_round_robin_skips_who_cannot_and_comes_back_to_them() {
    given(campaign().order("rrmemory").agent_cap(0))
        .and(agents_ready(3))
        .and(visitor(1).asks())
        .and(agent("bob").pauses())
        .and(visitors_ask(2, 3))
        .and(agent("bob").resumes())
        .and(visitors_ask(4, 5))
        .so(|scene| assert_eq!(scene.owners(), "ana carla ana bob carla"));
}

#[test]
fn the_round_robin_survives_members_added_removed_and_reordered_and_a_restart() {
    given(campaign().order("rrmemory").agent_cap(0))
        .and(agents_ready(4))
        .and(members(&["ana", "bob", "carla"]))
        .and(visitors_ask(1, 2))
        // The cursor is on bob. One comes in before, one after.
        .and(members(&["dan", "ana", "bob", "carla"]))
        .and(visitor(3).asks())
        .so(|scene| assert_eq!(scene.owners(), "ana bob carla"))
        // The cursor is on carla; she is removed, so it goes on after the one before her.
        .and(members(&["dan", "ana", "bob"]))
        .and(visitor(4).asks())
        .so(|scene| assert_eq!(scene.owners(), "ana bob carla dan"))
        // On dan, who moves to the end.
        .and(members(&["ana", "bob", "dan"]))
        .and(visitor(5).asks())
        .so(|scene| assert_eq!(scene.owners(), "ana bob carla dan ana"))
        .and(|scene: &mut Scene| scene.restart())
        .and(visitor(6).asks())
        .so(|scene| assert_eq!(scene.owners(), "ana bob carla dan ana bob"));
}

#[test]
fn the_round_robin_survives_a_change_of_strategy_and_back() {
    given(campaign().order("rrmemory").agent_cap(0))
        .and(agents_ready(3))
        .and(visitor(1).asks())
        .and(edit(|draft| draft.order = "leastrecent".into()))
        .and(edit(|draft| draft.order = "rrmemory".into()))
        .and(visitor(2).asks())
        .so(|scene| assert_eq!(scene.owners(), "ana bob"));
}

#[test]
fn the_fair_orders_share_chats_as_evenly_as_their_documentation_says() {
    // Sixty visitors; every third of them leaves again after a few others came.
    for order in ["rrmemory", "leastrecent", "fewestcalls", "leastloaded"] {
        let mut scene = given(campaign().order(order).agent_cap(0)).and(agents_ready(3));
        let mut answered = [0_i32; 3];
        // The number of the visitor who came when each last received or finished a chat.
        let mut served = [0_u32; 3];
        for number in 1..=60 {
            scene = scene.and(seconds_pass(1));
            let loads = loads(&scene);
            scene = scene.and(visitor(number).asks());
            let owner = scene.owner(number as usize);
            let at = NAMES.iter().position(|name| *name == owner).unwrap();
            answered[at] += 1;
            let spread = answered.iter().max().unwrap() - answered.iter().min().unwrap();
            match order {
                "rrmemory" | "fewestcalls" => assert!(spread <= 1, "{order}: {answered:?}"),
                "leastloaded" => assert_eq!(Some(&loads[at]), loads.iter().min(), "{loads:?}"),
                _ => assert_eq!(Some(&served[at]), served.iter().min(), "{served:?}"),
            }
            served[at] = number;
            if number % 3 == 0 && number > 6 {
                let finisher = scene.owner(number as usize - 6).to_owned();
                let finisher = NAMES.iter().position(|name| *name == finisher);
                served[finisher.unwrap()] = number;
                scene = scene.and(visitor(number - 6).leaves());
            }
        }
    }
}

fn loads(scene: &Scene) -> Vec<u32> {
    let load = |name: &&str| scene.view().agent(scene.cast().agent(name)).unwrap().load;
    NAMES[..3].iter().map(load).collect()
}

#[test]
fn leastrecent_takes_who_has_waited_longest_since_receiving_or_finishing_a_chat() {
    given(campaign().order("leastrecent").agent_cap(0))
        .and(agents_ready(3))
        .and(visitor(1).asks())
        .and(seconds_pass(1))
        .and(visitor(2).asks())
        .and(seconds_pass(1))
        // Never served comes first.
        .and(visitor(3).asks())
        .so(|scene| assert_eq!(scene.owners(), "ana bob carla"))
        .and(seconds_pass(1))
        // Finishing counts: ana was first to receive and is last to finish.
        .and(agent("ana").closes(1))
        .and(seconds_pass(1))
        .and(visitor(4).asks())
        .so(|scene| assert_eq!(scene.owners(), "bob carla bob"))
        .and(seconds_pass(1))
        .and(visitors_ask(5, 6))
        .so(|scene| assert_eq!(scene.owners(), "bob carla bob carla ana"));
}

#[test]
fn leastrecent_does_not_pile_chats_on_the_one_who_never_finishes() {
    let scene = given(campaign().order("leastrecent").agent_cap(0)).and(agents_ready(3));
    let ask = |scene: Scene, number| scene.and(seconds_pass(1)).and(visitor(number).asks());
    let scene = (1..=6).fold(scene, ask);
    assert_eq!(scene.owners(), "ana bob carla ana bob carla");
}

#[test]
fn leastrecent_ties_go_to_fewer_chats_then_member_order() {
    // All within one instant: ana and bob get two chats, then bob closes one.
    given(campaign().order("leastrecent").agent_cap(0))
        .and(agents_ready(2))
        .and(visitors_ask(1, 5))
        .so(|scene| assert_eq!(scene.owners(), "ana bob ana bob ana"))
        .and(agent("ana").closes(1))
        .and(agent("ana").closes(3))
        .and(agent("bob").closes(2))
        .and(visitor(6).asks())
        .so(|scene| assert_eq!(scene.owners(), "bob ana ana"));
}

#[test]
fn fewestcalls_takes_who_answered_fewest_here_since_local_midnight() {
    // 23:50 in Montevideo is already tomorrow in UTC; the campaign's own midnight counts.
    at("2026-03-02 23:50")
        .given(
            campaign()
                .order("fewestcalls")
                .agent_cap(0)
                .open("mon-sun 00:00-24:00", "America/Montevideo"),
        )
        .and(agents_ready(2))
        .and(agent("bob").pauses())
        .and(visitors_ask(1, 3))
        .and(agent("bob").resumes())
        .and(seconds_pass(60))
        .and(visitors_ask(4, 5))
        .so(|scene| assert_eq!(scene.owners(), "ana ana ana bob bob"))
        // The day begins anew: both have answered nothing, ana waits longer.
        .and(clock_reaches("00:00"))
        .and(visitor(6).asks())
        .so(|scene| assert_eq!(scene.owners(), "ana ana ana bob bob ana"))
        .and(seconds_pass(1))
        .and(visitors_ask(7, 8))
        .so(|scene| assert_eq!(scene.owners(), "ana ana ana bob bob ana bob ana"));
}

#[test]
fn fewestcalls_counts_at_acceptance_not_at_offer() {
    given(
        campaign()
            .order("fewestcalls")
            .offer_timeout(10)
            .agent_cap(0),
    )
    .and(agents_ready(2))
    .and(visitor(1).asks())
    .and(agent("ana").refuses(1))
    .and(agent("bob").accepts(1))
    .when(visitor(2).asks())
    .then(expect![[r#"
            ChatQueued 2                       → visitor 2: waiting 1
            ChatOffered 2 ana                  → ana: 2 offered · visitor 2: waiting 0
        "#]]);
}

#[test]
fn leastloaded_takes_who_has_the_smallest_share_of_the_cap_in_use() {
    given(campaign().order("leastloaded").agent_cap(4))
        .and(agents_ready(2))
        .and(agent("bob").pauses())
        .and(visitors_ask(1, 3))
        .and(agent("bob").resumes())
        .and(visitors_ask(4, 7))
        .so(|scene| assert_eq!(scene.owners(), "ana ana ana bob bob bob ana"));
}

/// How often each of the members was chosen in `draws` draws, in the campaign created as number `seed`.
fn draws(order: &str, seed: usize, members: &'static [(&'static str, u8)], draws: u32) -> Vec<f64> {
    let mut scene = given(campaign().named("first").order(order));
    for number in 2..seed {
        let name = format!("number {number}");
        scene = scene.and(campaign().named(&name));
    }
    let mut scene = match seed {
        1 => given(campaign().order(order).agent_cap(0)),
        _ => scene.and(campaign().order(order).agent_cap(0)),
    };
    for (name, _) in members {
        scene = scene.and(agent(name).ready());
    }
    scene = scene.and(penalties(members));
    let mut times = vec![0.0; members.len()];
    for draw in 1..=draws {
        scene = scene.and(visitor(draw).asks());
        let owner = scene.owner(draw as usize).to_owned();
        let at = members.iter().position(|(name, _)| *name == owner);
        times[at.unwrap()] += 1.0;
        scene = scene.and(visitor(draw).leaves());
        if draw % 100 == 0 {
            // Ended chats are forgotten after a day.
            scene = scene.and(clock_jumps(90_000));
        }
    }
    times
}

/// Pearson's statistic of what was seen against what the weights promise.
fn chi_square(times: &[f64], weights: &[f64]) -> f64 {
    let draws: f64 = times.iter().sum();
    let total: f64 = weights.iter().sum();
    let terms = times.iter().zip(weights).map(|(times, weight)| {
        let expected = draws * weight / total;
        (times - expected).powi(2) / expected
    });
    terms.sum()
}

#[test]
fn random_is_uniform() {
    const MEMBERS: &[(&str, u8)] = &[("ana", 0), ("bob", 7), ("carla", 100), ("dan", 0)];
    for seed in [1, 5] {
        let times = draws("random", seed, MEMBERS, 1_000);
        // One in a thousand fair generators exceeds 16.27 with 3 degrees of freedom.
        let chi = chi_square(&times, &[1.0; 4]);
        assert!(chi < 16.27, "seed {seed}: {times:?} gives {chi}");
    }
}

#[test]
fn wrandom_draws_in_proportion_to_one_over_one_plus_penalty() {
    const MEMBERS: &[(&str, u8)] = &[("ana", 0), ("bob", 1), ("carla", 3)];
    for seed in [1, 5] {
        let times = draws("wrandom", seed, MEMBERS, 1_000);
        // One in a thousand fair generators exceeds 13.82 with 2 degrees of freedom.
        let chi = chi_square(&times, &[1.0, 0.5, 0.25]);
        assert!(chi < 13.82, "seed {seed}: {times:?} gives {chi}");
    }
}

#[test]
fn in_wrandom_the_highest_penalty_keeps_a_chance() {
    const MEMBERS: &[(&str, u8)] = &[("ana", 0), ("bob", 100)];
    let times = draws("wrandom", 1, MEMBERS, 1_000);
    // 1/101 of the rest: about 10 of 1,000.
    assert!((1.0..30.0).contains(&times[1]), "{times:?}");
}

#[test]
fn the_same_inputs_draw_the_same_agents() {
    const MEMBERS: &[(&str, u8)] = &[("ana", 0), ("bob", 1), ("carla", 3)];
    assert_eq!(
        draws("wrandom", 1, MEMBERS, 60),
        draws("wrandom", 1, MEMBERS, 60)
    );
    assert_ne!(
        draws("random", 1, MEMBERS, 60),
        draws("random", 2, MEMBERS, 60)
    );
}

#[test]
fn with_penalty_tiers_a_lower_penalty_is_asked_first_in_every_order() {
    let mut table = String::new();
    for order in ORDERS {
        let scene = given(campaign().order(order).penalty_tiers(true).agent_cap(2))
            .and(agents_ready(3))
            .and(penalties(&[("ana", 5), ("bob", 1), ("carla", 5)]));
        let ask = |scene: Scene, number| scene.and(seconds_pass(1)).and(visitor(number).asks());
        let scene = (1..=6).fold(scene, ask);
        table += &format!("{order:<12}{}\n", scene.owners());
    }
    expect![[r#"
        linear      bob bob ana ana carla carla
        rrmemory    bob bob carla ana carla ana
        leastrecent bob bob ana carla ana carla
        fewestcalls bob bob ana carla ana carla
        random      bob bob carla ana ana carla
        wrandom     bob bob carla ana ana carla
        leastloaded bob bob ana carla ana carla
    "#]]
    .assert_eq(&table);
}

#[test]
fn without_penalty_tiers_only_wrandom_looks_at_penalties() {
    given(campaign().order("linear").agent_cap(2))
        .and(agents_ready(2))
        .and(penalties(&[("ana", 100), ("bob", 0)]))
        .and(visitors_ask(1, 3))
        .so(|scene| assert_eq!(scene.owners(), "ana ana bob"));
}

#[test]
fn a_penalty_set_while_chats_wait_counts_from_the_next_chat() {
    given(campaign().order("linear").penalty_tiers(true).agent_cap(1))
        .and(agents_ready(2))
        .and(visitors_ask(1, 1))
        .and(penalties(&[("ana", 9), ("bob", 0)]))
        .and(agent("ana").closes(1))
        .and(visitor(2).asks())
        .so(|scene| assert_eq!(scene.owners(), "bob"));
}

#[test]
fn only_members_with_all_skills_a_chat_requires_are_eligible() {
    given(campaign().order("linear").agent_cap(1))
        .and(agents_ready(3))
        .and(skills(&[
            ("ana", &[]),
            ("bob", &["french"]),
            ("carla", &["french", "billing"]),
        ]))
        .when(visitor(1).asks().needing("french").needing("billing"))
        .when(visitor(2).asks().needing("french"))
        .when(visitor(3).asks().needing("billing"))
        .when(visitor(4).asks())
        .when(agent("ana").takes(3))
        .then(expect![[r#"
            ChatQueued 1                       → visitor 1: waiting 1
            ChatAssigned 1 carla direct        → carla: 1 active · visitor 1: with Carla
            ChatQueued 2                       → visitor 2: waiting 1
            ChatAssigned 2 bob direct          → bob: 2 active · visitor 2: with Bob
            ChatQueued 3                       → visitor 3: waiting 1
            ChatQueued 4                       → visitor 4: waiting 2
            ChatAssigned 4 ana direct          → ana: 4 active · visitor 4: with Ana
            ! at_capacity: agent 1 has 1 chats, the most allowed is 1
        "#]]);
}

#[test]
fn a_chat_nobody_free_can_serve_does_not_hold_up_those_behind_it() {
    given(campaign().agent_cap(1))
        .and(agents_ready(1))
        .and(agent("ana").pauses())
        .and(visitor(1).asks().needing("chess"))
        .and(visitors_ask(2, 3))
        .when(agent("ana").resumes())
        .then(expect![[r#"
            AgentResumed ana
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]])
        .so(|scene| assert_eq!(scene.positions(), "1:1 3:2"));
}

#[test]
fn a_member_who_gains_a_skill_gets_the_chat_that_waits_for_it() {
    given(campaign())
        .and(agents_ready(1))
        .and(visitor(1).asks().needing("french"))
        .when(skills(&[("ana", &["french"])]))
        .then(expect![[r#"
            MembersSet ana
            ChatAssigned 1 ana direct          → ana: 1 active · visitor 1: with Ana
        "#]]);
}

#[test]
fn between_campaigns_the_higher_weight_goes_first() {
    given(campaign().agent_cap(1))
        .and(campaign().named("Sales").weight(10))
        .and(tenant(|settings| {
            settings.agent_cap = std::num::NonZeroU32::new(1)
        }))
        .and(visitor(1).asks())
        .and(seconds_pass(60))
        .and(visitor(2).asks().to("Sales"))
        .when(agent("ana").ready_in(&["Support", "Sales"]))
        .then(expect![[r#"
            AgentCreated ana
            MembersSet ana
            MembersSet ana
            AgentSignedIn ana
            ChatAssigned 2 ana direct in Sales → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn between_campaigns_of_one_weight_the_oldest_goes_first() {
    given(campaign().agent_cap(1))
        .and(campaign().named("Sales"))
        .and(tenant(|settings| settings.agent_cap = std::num::NonZeroU32::new(1)))
        .and(agent("ana").ready_in(&["Support", "Sales"]))
        .and(agent("ana").pauses())
        .and(visitor(1).asks().to("Sales"))
        .and(seconds_pass(1))
        .and(visitor(2).asks())
        .and(visitor(3).asks().to("Sales").priority(1))
        .when(agent("ana").resumes())
        .when(agent("ana").closes(3))
        .when(agent("ana").closes(1))
        .then(expect![[r#"
            AgentResumed ana
            ChatAssigned 3 ana direct in Sales → ana: 3 active · visitor 3: with Ana
            ChatClosed 3 agent_closed by ana   → visitor 3: closed, feedback "" with form · ana: 3 gone, agent_closed
            ChatAssigned 1 ana direct in Sales → ana: 1 active · visitor 1: with Ana
            ChatClosed 1 agent_closed by ana   → visitor 1: closed, feedback "" with form · ana: 1 gone, agent_closed
            ChatAssigned 2 ana direct          → ana: 2 active · visitor 2: with Ana
        "#]]);
}

#[test]
fn an_agent_of_two_campaigns_has_the_cap_of_each() {
    given(campaign().agent_cap(1))
        .and(campaign().named("Sales").agent_cap(2))
        .and(agent("ana").ready_in(&["Support", "Sales"]))
        .and(visitors_ask(1, 2))
        .and(visitor(3).asks().to("Sales"))
        .and(visitor(4).asks().to("Sales"))
        .and(visitor(5).asks().to("Sales"))
        .so(|scene| assert_eq!(scene.owners(), "ana - ana ana -"));
}
