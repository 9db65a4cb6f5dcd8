"""The datasets, one file each."""

from datasets.schema.dossier import DOSSIER
from datasets.schema.observation import OBSERVATION

DATASETS = (DOSSIER, OBSERVATION)
BY_NAME = {dataset.name: dataset for dataset in DATASETS}
