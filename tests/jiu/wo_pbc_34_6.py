"""What WO/PBC/34/6 prints, written down from the document by hand; reports go by their year and number."""

TITLES = {
    "2016/9": "Safety and security in the United Nations system",
    "2017/3": "Review of air travel policies in the United Nations system: achieving efficiency gains and cost savings"
    " and enhancing harmonization",
    "2018/4": "Review of whistle-blower policies and practices in the United Nations system organizations",
    "2018/6": "Enhancing accessibility for persons with disabilities to conferences and meetings of the United Nations"
    " system",
    "2019/5": "Managing cloud computing services in the United Nations system",
    "2019/8": "Review of staff exchange and similar inter-agency mobility measures in United Nations system"
    " organizations",
    "2019/9": "Review of contemporary practices in the external outsourcing of services to commercial service providers"
    " by United Nations system organizations",
    "2020/1": "Review of the state of the investigation function: progress made in the United Nations system"
    " organizations in strengthening the investigation function",
    "2020/2": "Policies and platforms in support of learning: towards more coherence, coordination and convergence",
    "2020/5": "Enterprise risk management: approaches and uses in United Nations system organizations",
    "2020/6": "Multilingualism in the United Nations system",
    "2020/7": "Blockchain applications in the United Nations system: towards a state of readiness",
    "2020/8": "Review of mainstreaming environmental sustainability across organizations of the United Nations system",
    "2021/2": "Review of United Nations system support for landlocked developing countries to implement the Vienna"
    " Programme of Action",
    "2021/3": "Cybersecurity in the United Nations system organizations",
    "2021/5": "Review of the ethics function in the United Nations system",
    "2021/6": "Business continuity management in United Nations system organizations",
}

ISSUED_ON = {
    "2020/5": "2020-10-20",
    "2021/2": "2021-07-22",
    "2021/3": "2021-11-03",
    "2021/5": "2022-03-31",
    "2021/6": "2022-03-17",
}

# How many recommendations of each report go to legislative bodies, and how many to executive heads.
ADDRESSED = {
    "2016/9": (0, 3),
    "2017/3": (1, 0),
    "2018/4": (0, 1),
    "2018/6": (0, 3),
    "2019/5": (0, 1),
    "2019/8": (0, 1),
    "2019/9": (0, 1),
    "2020/1": (1, 0),
    "2020/2": (1, 3),
    "2020/5": (1, 2),
    "2020/6": (3, 3),
    "2020/7": (2, 3),
    "2020/8": (0, 6),
    "2021/2": (1, 2),
    "2021/3": (1, 1),
    "2021/5": (1, 3),
    "2021/6": (1, 5),
}

POSTS = {
    "ADG": "Assistant Director General/Administration and Management Sector",
    "BCC": "Business Continuity Coordinator",
    "CEO": "Chief Ethics Officer",
    "CIO": "Chief Information Officer",
    "CSO": "Chief Security Officer",
    "DEAAD": "Director/Diplomatic Engagement and Assemblies Affairs Division",
    "DPPF": "Director/Program Planning and Finance (Controller)",
    "HRMD": "Director/Human Resources Management Department",
    "IOD": "Director, Internal Oversight Division",
    "IT": "Director/IT Technical Division",
    "LD": "Director/Language Division",
    "LDC": "Director/Division for Least-Developed Countries",
    "PID": "Director/Premises Infrastructure Division",
    "PTD": "Director/Procurement and Travel Division",
    "WA": "Executive Director/WIPO Academy",
}

DONE, WORK, IDLE = "implemented", "in_progress", "not_started"
NEW, SAME, UPDATED = "new", "same", "updated"

# Report, number, addressee, implementation (“-” for none stated), change (new, the same, the same with another
# assessment, or what it was before), posts, due on. All are accepted but the two of `NOT_RELEVANT`.
RECOMMENDATIONS = [
    ("2021/6", 1, "EH", DONE, NEW, "BCC", "2023-12-31"),
    ("2021/6", 2, "EH", DONE, NEW, "BCC", "2023-12-31"),
    ("2021/6", 3, "EH", DONE, NEW, "BCC", "2023-12-31"),
    ("2021/6", 4, "EH", WORK, NEW, "BCC", "2024-12-31"),
    ("2021/6", 5, "EH", DONE, NEW, "BCC", "2023-12-31"),
    ("2021/6", 6, "LB", DONE, NEW, "BCC", None),
    ("2021/5", 1, "EH", DONE, NEW, "HRMD", None),
    ("2021/5", 2, "LB", DONE, NEW, "ADG DPPF", "2023-12-31"),
    ("2021/5", 3, "EH", WORK, NEW, "CEO", None),
    ("2021/5", 4, "EH", WORK, NEW, "CEO", "2025-12-31"),
    ("2021/3", 1, "EH", WORK, NEW, "CSO", "2022-12-31"),
    ("2021/3", 2, "LB", IDLE, NEW, "CSO", None),
    ("2021/2", 1, "EH", WORK, NEW, "LDC", "2022-12-31"),
    ("2021/2", 3, "EH", DONE, NEW, "LDC", "2022-12-31"),
    ("2021/2", 7, "LB", WORK, NEW, "LDC", "2022-12-31"),
    ("2020/8", 1, "EH", WORK, UPDATED, "PID", "2022-12-31"),
    ("2020/8", 4, "EH", DONE, WORK, "PTD", "2022-12-31"),
    ("2020/8", 5, "EH", WORK, UPDATED, "HRMD", "2022-12-31"),
    ("2020/8", 7, "EH", DONE, WORK, "DEAAD", "2022-12-31"),
    ("2020/8", 8, "EH", WORK, UPDATED, "DEAAD", "2022-12-31"),
    ("2020/8", 9, "EH", WORK, UPDATED, "IT", "2022-12-31"),
    ("2020/7", 1, "LB", WORK, UPDATED, "CIO", None),
    ("2020/7", 2, "EH", WORK, SAME, "CIO", None),
    ("2020/7", 3, "EH", WORK, SAME, "CIO", "2022-12-31"),
    ("2020/7", 4, "EH", WORK, SAME, "CIO", None),
    ("2020/7", 6, "LB", IDLE, UPDATED, "CIO", None),
    ("2020/6", 1, "LB", DONE, WORK, "LD", "2022-12-31"),
    ("2020/6", 2, "LB", DONE, WORK, "CIO", "2022-12-31"),
    ("2020/6", 3, "EH", DONE, WORK, "LD", "2022-12-31"),
    ("2020/6", 4, "LB", WORK, UPDATED, "HRMD", "2022-12-31"),
    ("2020/6", 5, "EH", "-", IDLE, "LD DPPF", "2022-12-31"),
    ("2020/6", 6, "EH", "-", IDLE, "LD DPPF", None),
    ("2020/5", 1, "LB", DONE, WORK, "DPPF", None),
    ("2020/5", 2, "EH", DONE, WORK, "DPPF", "2021-12-31"),
    ("2020/5", 3, "EH", DONE, WORK, "DPPF", "2021-12-31"),
    ("2020/2", 1, "EH", DONE, WORK, "HRMD", None),
    ("2020/2", 3, "EH", WORK, UPDATED, "WA", "2021-12-31"),
    ("2020/2", 6, "EH", WORK, SAME, "WA", None),
    ("2020/2", 8, "LB", DONE, IDLE, "HRMD", "2023-12-31"),
    ("2020/1", 3, "LB", DONE, WORK, "IOD", "2022-12-31"),
    ("2019/9", 1, "EH", DONE, "under_consideration", "PTD", "2021-12-31"),
    ("2019/8", 4, "EH", IDLE, UPDATED, "HRMD", "2021-12-31"),
    ("2019/5", 1, "EH", WORK, SAME, "CIO", None),
    ("2018/6", 1, "EH", WORK, UPDATED, "DEAAD", "2020-12-31"),
    ("2018/6", 5, "EH", DONE, WORK, "DEAAD", "2021-12-31"),
    ("2018/6", 8, "EH", WORK, UPDATED, "PTD", "2021-12-31"),
    ("2018/4", 10, "EH", WORK, UPDATED, "CEO", "2019-12-31"),
    ("2017/3", 2, "LB", DONE, WORK, "PTD", "2019-01-31"),
    ("2016/9", 2, "EH", DONE, WORK, "CSO", "2018-01-31"),
    ("2016/9", 3, "EH", DONE, WORK, "CSO", "2018-01-31"),
    ("2016/9", 5, "EH", DONE, WORK, "CSO", "2018-01-31"),
]
NOT_RELEVANT = [("2020/6", 5), ("2020/6", 6)]

# Words of the deadline: which recommendations name it.
DEADLINES = {
    "at the earliest opportunity": [("2021/6", 6)],
    "at the latest by 2025": [("2021/5", 4)],
    "by December 2021": [("2018/6", 5), ("2018/6", 8)],
    "by January 2019": [("2017/3", 2)],
    "by no later than January 2018": [("2016/9", 2), ("2016/9", 3), ("2016/9", 5)],
    "by the end of 2019": [("2018/4", 10)],
    "by the end of 2020": [("2018/6", 1)],
    "by the end of 2021": [("2019/8", 4), ("2019/9", 1), ("2020/2", 3), ("2020/5", 2), ("2020/5", 3)],
    "by the end of 2022": [
        ("2020/1", 3),
        *[("2020/6", number) for number in (1, 2, 3, 4, 5)],
        ("2020/7", 3),
        *[("2020/8", number) for number in (1, 4, 5, 7, 8, 9)],
        *[("2021/2", number) for number in (1, 3, 7)],
    ],
    "by the end of 2023": [("2020/2", 8), ("2021/5", 2), ("2021/6", 1), ("2021/6", 2), ("2021/6", 3)],
    "by the end of 2024": [("2021/6", 4)],
    "in 2023": [("2021/6", 5)],
    "no later than 2022": [("2021/3", 1)],
    "with immediate effect": [("2021/5", 1)],
}

# What the annexes show as closed. Paragraph 13 differs: it leaves out 2020/2, and of 2018/6 it names 8 as well.
ENDORSEMENTS = [
    ("2021/6", [1, 2, 3, 5, 6]),
    ("2021/5", [1, 2]),
    ("2021/2", [3]),
    ("2020/8", [4, 7]),
    ("2020/6", [1, 2, 3, 5, 6]),
    ("2020/5", [1, 2, 3]),
    ("2020/2", [1, 8]),
    ("2020/1", [3]),
    ("2019/9", [1]),
    ("2018/6", [5]),
    ("2017/3", [2]),
    ("2016/9", [2, 3, 5]),
]

# Outstanding recommendations by report, to legislative bodies and to executive heads, counted from the annexes:
# Annex III prints one more for 2020/8.
ACTIVE = [
    ("2021/6", 0, 1),
    ("2021/5", 0, 2),
    ("2021/3", 1, 1),
    ("2021/2", 1, 1),
    ("2020/8", 0, 4),
    ("2020/7", 2, 3),
    ("2020/6", 1, 0),
    ("2020/2", 0, 2),
    ("2019/8", 0, 1),
    ("2019/5", 0, 1),
    ("2018/6", 0, 2),
    ("2018/4", 0, 1),
]

OUTSTANDING = [
    ("2021/6", [4]),
    ("2021/5", [3, 4]),
    ("2021/3", [1, 2]),
    ("2021/2", [1, 7]),
    ("2020/8", [1, 5, 8, 9]),
    ("2020/7", [1, 2, 3, 4, 6]),
    ("2020/6", [4]),
    ("2020/2", [3, 6]),
    ("2019/8", [4]),
    ("2019/5", [1]),
    ("2018/6", [1, 8]),
    ("2018/4", [10]),
]

# Active reports on which the comments of the CEB are not yet available.
NOT_YET = ("2021/6", "2021/5", "2021/3", "2021/2")

REVIEWS = [
    ("A457", "Review of policies, measures, mechanisms and practices", "2021", "ongoing"),
    ("A460", "Review of accountability frameworks in", "2021", "ongoing"),
    ("A460", "Review of the internal pre-tribunal stage appeal mechanisms", "2021", "ongoing"),
    ("A463", "Flexible working arrangements in", "2022", "planned"),
    ("A464", "Review of mental health and well-being policies", "2022", "planned"),
    ("A466", "Review of the acceptance and implementation of JIU recommendations", "2022", "planned"),
    ("A467", "Review of quality, effectiveness, efficiency, and sustainability of health insurance", "2022", "planned"),
    ("A468", "Review of the use of non-staff personnel", "2022", "planned"),
]
