"""Rasa component: entities of a message, by patterns."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

from understanding.components.normaliser import ORIGINAL
from understanding.entities import find


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PatternEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Sets ``entities``: means, time, place, age, relation, with offsets in the text as sent."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PatternEntityExtractor:
        """Return an extractor; it has nothing to configure."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what is found to whole messages; their sentences hold nothing else."""
        for message in messages:
            original = message.get(ORIGINAL)
            if original is None:
                continue
            found = [
                {"entity": e.kind, "start": e.start, "end": e.end, "value": e.value}
                for e in find(original)
            ]
            message.set(ENTITIES, self.add_extractor_name(found), add_to_output=True)
        return messages
