"""The JSON that VLog speaks. One model both validates and documents."""
