from vedette.events import samples
from vedette.simulator import World
from vedette.simulator.demo.sample_issue import add_sample_issue
from vedette.simulator.demo.shop import build_shop


def test_the_issue_that_the_samples_name_is_in_the_demonstration_s_world() -> None:
    world = World(seed=1)
    build_shop(world)
    add_sample_issue(world)
    sample = samples.load("issue.created")["data"]["issue"]
    issue = world.find_issue(sample["id"])
    assert issue is not None
    assert issue is world.find_issue(sample["shortId"])
    assert issue.title == sample["title"]
    assert issue.project.slug == sample["project"]["slug"]
