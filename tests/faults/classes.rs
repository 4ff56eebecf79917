//! The kinds of faults.

use crate::{
    desk::{Build, DiskKind, Form, Quirks},
    nemesis::{Deed, Target},
    run::Class,
};

use Target::{Broker, Gateway, Leader, Postgres, Redis, Worker};

const USUAL: Quirks = Quirks { stream_bytes: None, clock: false, build: Build::Usual, disks: None, lazy_sync: false };
/// Can die where it is told to; nothing is wrong with it otherwise.
const MORTAL: Quirks = Quirks { build: Build::Planted(None), ..USUAL };
const SMALL_DISKS: Quirks = Quirks { disks: Some(DiskKind::Small), ..USUAL };
const CUTTABLE: Quirks = Quirks { disks: Some(DiskKind::Cuttable), ..USUAL };
pub(crate) const CLUSTER: Form = Form::Cluster { brokers: 1 };
const QUORUM: Form = Form::Cluster { brokers: 3 };

pub(crate) const fn class(name: &'static str, form: Form, deeds: &'static [Deed]) -> Class {
    Class { name, form, quirks: USUAL, deeds }
}

/// The two that every change has to pass: everything that is killed and stopped most often, in both forms.
pub(crate) const SMOKE: [Class; 2] = [
    class(
        "smoke: one process",
        Form::Up,
        &[
            Deed::Kill(&[Gateway]),
            Deed::Pause(&[Gateway]),
            Deed::Kill(&[Broker]),
            Deed::Pause(&[Broker]),
            Deed::LockDatabase,
        ],
    ),
    class(
        "smoke: cluster",
        CLUSTER,
        &[
            Deed::Kill(&[Gateway]),
            Deed::Pause(&[Broker]),
            Deed::Kill(&[Worker]),
            Deed::Kill(&[Postgres]),
            Deed::Pause(&[Worker]),
            Deed::Kill(&[Broker]),
            Deed::Pause(&[Postgres]),
            Deed::Kill(&[Redis]),
        ],
    ),
];

/// All of them.
pub(crate) const STANDARD: [Class; 37] = [
    class("one process: killed", Form::Up, &[Deed::Kill(&[Gateway])]),
    class("one process: stopped", Form::Up, &[Deed::Pause(&[Gateway])]),
    class("one process: restarted", Form::Up, &[Deed::Restart(Gateway)]),
    class("one process: broker killed", Form::Up, &[Deed::Kill(&[Broker])]),
    class("one process: broker stopped", Form::Up, &[Deed::Pause(&[Broker])]),
    class("one process: database locked", Form::Up, &[Deed::LockDatabase]),
    Class {
        quirks: Quirks { stream_bytes: Some(1 << 20), ..USUAL },
        ..class("one process: log full", Form::Up, &[Deed::FullStore])
    },
    Class {
        quirks: Quirks { clock: true, ..USUAL },
        ..class("one process: clock jumps", Form::Up, &[Deed::ClockJump])
    },
    Class { quirks: SMALL_DISKS, ..class("one process: disk full", Form::Up, &[Deed::FillDisk]) },
    Class { quirks: CUTTABLE, ..class("one process: power cut", Form::Up, &[Deed::CutPower]) },
    class("gateway killed", CLUSTER, &[Deed::Kill(&[Gateway])]),
    class("gateway stopped", CLUSTER, &[Deed::Pause(&[Gateway])]),
    class("gateway restarted", CLUSTER, &[Deed::Restart(Gateway)]),
    class("worker killed", CLUSTER, &[Deed::Kill(&[Worker])]),
    class("worker stopped", CLUSTER, &[Deed::Pause(&[Worker])]),
    class("broker killed", CLUSTER, &[Deed::Kill(&[Broker])]),
    class("broker stopped", CLUSTER, &[Deed::Pause(&[Broker])]),
    class("Postgres killed", CLUSTER, &[Deed::Kill(&[Postgres])]),
    Class {
        quirks: MORTAL,
        ..class(
            "gateway killed around the publish",
            CLUSTER,
            &[Deed::DieAt(Gateway, "before-publish"), Deed::DieAt(Gateway, "after-publish")],
        )
    },
    Class {
        quirks: MORTAL,
        ..class(
            "worker killed around the commit",
            CLUSTER,
            &[
                Deed::DieAt(Worker, "before-commit"),
                Deed::DieAt(Worker, "after-commit"),
                Deed::DieAt(Worker, "before-settle"),
            ],
        )
    },
    Class { quirks: SMALL_DISKS, ..class("disks of broker and Postgres full", CLUSTER, &[Deed::FillDisk]) },
    Class { quirks: CUTTABLE, ..class("power cut of broker and Postgres", CLUSTER, &[Deed::CutPower]) },
    class("gateway without files", CLUSTER, &[Deed::FewFiles]),
    class("gateway without memory", CLUSTER, &[Deed::LittleMemory]),
    class("repeated after the broker forgot", CLUSTER, &[Deed::LateRepeats]),
    class("Postgres stopped", CLUSTER, &[Deed::Pause(&[Postgres])]),
    class("Postgres locked", CLUSTER, &[Deed::LockDatabase]),
    class("Redis killed or stopped", CLUSTER, &[Deed::Kill(&[Redis]), Deed::Pause(&[Redis])]),
    class(
        "two at once",
        CLUSTER,
        &[
            Deed::Kill(&[Broker, Worker]),
            Deed::Kill(&[Gateway, Postgres]),
            Deed::Pause(&[Broker, Gateway]),
            Deed::Kill(&[Broker, Postgres]),
            Deed::Pause(&[Postgres, Redis]),
            Deed::Kill(&[Gateway, Worker]),
        ],
    ),
    class(
        "gateway parted from the broker",
        CLUSTER,
        &[
            Deed::Part { there: true, back: true },
            Deed::Part { there: true, back: false },
            Deed::Part { there: false, back: true },
            Deed::ResetBrokerLines,
        ],
    ),
    class(
        "packets between gateway and broker dropped",
        CLUSTER,
        &[
            Deed::DropPackets { there: true, back: true },
            Deed::DropPackets { there: true, back: false },
            Deed::DropPackets { there: false, back: true },
        ],
    ),
    class("bad network to people", CLUSTER, &[Deed::BadNetwork]),
    class("slow readers, half-open sockets", CLUSTER, &[Deed::SlowReaders]),
    class("reconnect storm", CLUSTER, &[Deed::Storm(5000)]),
    class("three brokers: leader killed", QUORUM, &[Deed::Kill(&[Leader])]),
    class("three brokers: leader stopped", QUORUM, &[Deed::Pause(&[Leader])]),
    class(
        "three brokers: any killed, gateway parted",
        QUORUM,
        &[Deed::Kill(&[Broker]), Deed::Part { there: true, back: true }],
    ),
];
